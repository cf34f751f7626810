import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPodman, hasPodman, type Podman } from '../execute/containers/podman.js';
import { createRig, type Document, type Rig, until } from '../support/rig.js';
import { type Cluster, hasSlurm, startCluster } from './cluster.js';

const IMAGE = 'localhost/box:1';

const pipeline = (run: string, more = '', image = IMAGE): string =>
  `pipeline: p\nexecutor: slurm\nsteps:\n  s: { run: ${JSON.stringify(run)}, inputs: [in.txt], outputs: [out.txt], image: ${JSON.stringify(image)}${more} }\n`;

describe.runIf(hasSlurm() && hasPodman())('a step with an image, as a job of Slurm', () => {
  let cluster: Cluster;
  let engine: Podman;
  beforeAll(async () => {
    // The default of Slurm: ending a container takes longer than ending a process.
    cluster = await startCluster({ killWaitSeconds: 30 });
    engine = createPodman();
    engine.makeImage(IMAGE, { 'etc/only-here': 'yes' });
  }, 300_000);
  afterAll(() => {
    cluster?.[Symbol.dispose]();
    engine?.[Symbol.dispose]();
  });

  const rigOf = (text: string, more: Readonly<Record<string, string>> = {}): Rig =>
    createRig(
      { 'in.txt': 'in', 'pipelines/p.yaml': text, ...more },
      { ...cluster.env, ...engine.env, TOKEN: 'hush-hush', OTHER: 'x' },
    );

  it('runs in it on a node as it does here, with what Slurm says, and is fresh here then', async () => {
    const run =
      'cat /etc/only-here in.txt > out.txt; pwd; echo "$TOKEN on $SLURMD_NODENAME, ${OTHER-no more}"; echo \'{"auc": 0.5}\' >> $REFIT_METRICS';
    using rig = rigOf(pipeline(run, ', secrets: [TOKEN]'));
    const { run: ran, metrics } = await rig.json(0, 'run', 'p');
    expect(rig.read('out.txt')).toBe('yesin');
    expect(metrics).toEqual({ auc: 0.5 });
    expect(ran.steps[0].job).toMatchObject({ engine: 'slurm', node: expect.stringMatching(/^n[123]$/) });
    const [folder, words] = rig.read(`.refit/logs/${ran.id}/s.1.log`).split('\n');
    expect(folder).toBe(rig.root);
    expect(words).toMatch(/^\*\*\* on n[123], no more$/);
    expect(engine.containers()).toEqual([]);
    const here = await rig.json(0, 'run', 'p', '--executor', 'local');
    expect(here.run.steps).toMatchObject([{ status: 'skipped' }]);
  }, 300_000);

  it('runs each instance of a matrix in a container of its own, in an image that is named by its digest', async () => {
    const digest = engine.podman('image', 'inspect', '--format', '{{.Digest}}', IMAGE).trim();
    using rig = rigOf(`pipeline: p
executor: slurm
steps:
  m: { matrix: { k: [1, 2, 3] }, run: 'cat /etc/only-here > \${{ outputs[0] }}', inputs: [], outputs: ['\${{ matrix.k }}.txt'], image: localhost/box@${digest} }
`);
    await rig.json(0, 'run', 'p');
    expect([1, 2, 3].map((k) => rig.read(`${k}.txt`))).toEqual(['yes', 'yes', 'yes']);
    expect(engine.containers()).toEqual([]);
  }, 300_000);

  it.each([
    ['exits', 'echo before; exit 3', { code: 'step-exited', exit_code: 3 }, ''],
    ['takes too long', 'sleep 300', { code: 'step-timed-out' }, ''],
    ['cannot be started', 'true', { code: 'container-not-started', engine: 'podman' }, '--network=nowhere'],
  ])(
    'fails as on this machine when it %s',
    async (_, run, failure, option) => {
      using rig = rigOf(pipeline(run, ', timeout: 5s'), {
        'refit.yaml': `container: { options: [${option}] }`,
      });
      const { run: ran } = await rig.json(1, 'run', 'p');
      expect(ran.steps[0].failure).toMatchObject(failure);
      expect(engine.containers()).toEqual([]);
    },
    60_000,
  );

  const SLOW = 'trap "echo told > told.txt; exit 0" TERM; echo up > up.txt; while :; do sleep 0.1; done';

  it.each(['SIGINT', 'scancel'] as const)(
    'ends in its container on %s',
    async (by) => {
      using rig = rigOf(pipeline(SLOW));
      const running = rig.start('run', 'p');
      await until(() => rig.has('up.txt'));
      expect(engine.containers()).toHaveLength(1);
      if (by === 'SIGINT') running.kill(by);
      else cluster.ask('scancel', ...cluster.jobs().flatMap(({ id, state }) => (state === 'RUNNING' ? [id] : [])));
      expect((await running.ended).exit).toBe(by === 'SIGINT' ? 130 : 1);
      expect(engine.containers()).toEqual([]);
      expect(rig.read('told.txt')).toBe('told\n');
      expect(rig.has('out.txt')).toBe(false);
    },
    60_000,
  );

  it('runs again in a new container when Slurm puts its job back into the queue', async () => {
    const run = `test $REFIT_ATTEMPT = 2 && exec cp told.txt out.txt; ${SLOW}`;
    using rig = rigOf(pipeline(run, ', retries: { count: 1, on: preempted }'));
    const running = rig.start('run', 'p');
    await until(() => rig.has('up.txt'));
    cluster.ask('scontrol', 'requeue', cluster.jobs().find(({ state }) => state === 'RUNNING')?.id ?? '');
    expect((await running.ended).exit).toBe(0);
    expect(rig.read('out.txt')).toBe('told\n');
    expect(engine.containers()).toEqual([]);
  }, 300_000);
});

/** Docker, as far as refit and its program on a node call it. It has one image; what runs in it, runs on this machine. */
const DOCKER = `#!/bin/sh
id=$(cat "\${0%/*}/id")
case "$1" in
  --version) echo "Docker version 1" ;;
  image) case "$5" in python:3.12 | "$id") echo "sha256:$id" ;; *) exit 1 ;; esac ;;
  pull) ;;
  run)
    for word; do case "$word" in --entrypoint=*) program=\${word#*=} ;; esac; done
    while [ "$1" != "$id" ]; do shift; done; shift
    exec "$program" "$@" ;;
esac
`;

/** Apptainer, the same way: what it has pulled is a text, and each pull is counted. */
const APPTAINER = `#!/bin/sh
here=\${0%/*}
case "$1" in
  --version) echo "apptainer version 1" ;;
  pull)
    if [ -e "$here/closed" ]; then echo "no such image" >&2; exit 255; fi
    sleep 2; echo "$3" > "$2"; echo pulled >> "$here/pulls" ;;
  exec)
    while [ "\${1%.sif}" = "$1" ]; do shift; done; cat "$1"; shift
    exec "$@" ;;
esac
`;

describe.runIf(hasSlurm())('an image that a node cannot know', () => {
  let cluster: Cluster;
  let programs: string;
  beforeAll(async () => {
    cluster = await startCluster();
    programs = mkdtempSync(join(tmpdir(), 'refit-engines-'));
    for (const program of ['sbatch', 'squeue', 'scancel', 'cat', 'tee', 'mkfifo', 'rm', 'sleep'])
      symlinkSync(join('/usr/bin', program), join(programs, program));
  });
  afterAll(() => {
    cluster?.[Symbol.dispose]();
    if (programs !== undefined) rmSync(programs, { recursive: true });
  });

  const install = (id: string): string => {
    writeFileSync(join(programs, 'docker'), DOCKER);
    chmodSync(join(programs, 'docker'), 0o755);
    writeFileSync(join(programs, 'id'), id);
    return join(programs, 'id');
  };
  const rigOf = (text: string, more: Readonly<Record<string, string>> = {}): Rig =>
    createRig({ 'in.txt': 'in', 'pipelines/p.yaml': text, ...more }, { ...cluster.env, PATH: programs });

  it('is refused by its tag where no engine is here, and named by its digest it needs one on the node only', async () => {
    using tag = rigOf(pipeline('true', '', 'python:3.12'));
    const { files } = await tag.json(2, 'validate');
    expect(files[0].diagnostics).toMatchObject([
      { code: 'image-not-fixed', suggestion: expect.stringContaining('name it by its digest') },
    ]);
    expect((await tag.refit('run', 'p')).exit).toBe(2);
    using digest = rigOf(pipeline('true', '', `python@sha256:${'a'.repeat(64)}`));
    const { run } = await digest.json(1, 'run', 'p');
    expect(run.steps[0].failure).toMatchObject({
      code: 'container-engine-missing',
      node: expect.stringMatching(/^n[123]$/),
    });
    expect((await digest.refit('run', 'p')).stderr).toMatch(/none of podman, docker and apptainer is on the PATH on n/);
  }, 300_000);

  it('is not run where its name stands for another one than where the run began', async () => {
    const [first, other] = ['a'.repeat(64), 'b'.repeat(64)];
    const file = install(first);
    const change = `  change: { run: 'echo ${other} | tee ${file} > in.txt', inputs: [], outputs: [in.txt], executor: local }\n`;
    const text = pipeline('cat in.txt > out.txt', '', 'python:3.12') + change;
    using rig = rigOf(text);
    const { run } = await rig.json(1, 'run', 'p');
    expect(readFileSync(file, 'utf8').trim()).toBe(other);
    const { failure } = run.steps.find((step: Document) => step.failure !== undefined);
    expect(failure).toMatchObject({ code: 'image-unavailable', engine: 'docker', node: expect.stringMatching(/^n/) });
    expect(failure.tail[0]).toContain(`there it is ${other}`);
    expect(rig.has('out.txt')).toBe(false);
    install(first);
    rig.write({ 'in.txt': 'in', 'pipelines/p.yaml': pipeline('cat in.txt > out.txt', '', 'python:3.12') });
    await rig.json(0, 'run', 'p');
    expect(rig.read('out.txt')).toBe('in');
  }, 300_000);

  it('is not looked for with another engine than the one that refit.yaml names', async () => {
    install('a'.repeat(64));
    using rig = rigOf(pipeline('true', '', 'python:3.12'), { 'refit.yaml': 'container: { engine: podman }' });
    const { files } = await rig.json(2, 'validate');
    expect(files[0].diagnostics).toMatchObject([
      { code: 'image-not-fixed', message: expect.stringContaining('this machine has no podman to say') },
    ]);
    expect((await rig.refit('plan', 'p')).exit).toBe(2);
    rig.write({ 'refit.yaml': 'container: { engine: docker }' });
    await rig.json(0, 'validate');
  }, 300_000);

  it('fails with the names of the engines that were searched for on the node', async () => {
    install('a'.repeat(64));
    const change = `  change: { run: 'rm ${join(programs, 'docker')}; echo new > in.txt', inputs: [], outputs: [in.txt], executor: local }\n`;
    using rig = rigOf(pipeline('cat in.txt > out.txt', '', 'python:3.12') + change);
    expect((await rig.refit('run', 'p')).stderr).toMatch(/none of podman and docker is on the PATH on n[123]/);
  }, 300_000);

  it('is pulled by apptainer before the time of the step counts, once, and whole or not at all', async () => {
    rmSync(join(programs, 'docker'), { force: true });
    writeFileSync(join(programs, 'apptainer'), APPTAINER, { mode: 0o755 });
    writeFileSync(join(programs, 'closed'), '');
    const image = `python@sha256:${'c'.repeat(64)}`;
    using rig = rigOf(pipeline('cat in.txt > out.txt', ', timeout: 1s', image));
    const { run: failed } = await rig.json(1, 'run', 'p');
    expect(failed.steps[0].failure).toMatchObject({
      code: 'image-unavailable',
      engine: 'apptainer',
      tail: ['no such image'],
    });
    expect(rig.list('.refit/images')).toEqual([]);
    rmSync(join(programs, 'closed'));
    for (const args of [[], ['--force']]) {
      const { run } = await rig.json(0, 'run', 'p', ...args);
      expect(rig.read(run.steps[0].log)).toBe(`docker://${image}\n`);
    }
    expect(rig.read('out.txt')).toBe('in');
    expect(readFileSync(join(programs, 'pulls'), 'utf8')).toBe('pulled\n');
    expect(rig.list('.refit/images')).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.sif$/)]);
    rmSync(join(programs, 'apptainer'));
  }, 300_000);
});
