import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPodman, hasPodman, type Podman } from '../execute/containers/podman.js';
import { createRig, type Document, type Rig, until } from '../support/rig.js';
import { type Cluster, hasSlurm, startCluster } from './cluster.js';

const IMAGE = 'localhost/box:1';

const pipeline = (run: string, more = '', output = 'o'): string =>
  `pipeline: p\nexecutor: slurm\nsteps:\n  s: { run: ${JSON.stringify(run)}, inputs: [], outputs: [${output}], image: ${JSON.stringify(IMAGE)}${more} }\n`;

/** Writes until it is killed. */
const DEAF =
  'trap "" TERM; echo up > up.txt; i=0; while :; do i=$((i+1)); mkdir -p o; echo old > o/old-$i; sleep 0.2; done';

describe.runIf(hasSlurm() && hasPodman())('attempts of a step with an image, as jobs of Slurm', () => {
  let cluster: Cluster;
  let engine: Podman;
  beforeAll(async () => {
    cluster = await startCluster();
    engine = createPodman();
    engine.makeImage(IMAGE);
  }, 300_000);
  afterAll(() => {
    cluster?.[Symbol.dispose]();
    engine?.[Symbol.dispose]();
  });

  const rigOf = (text: string, more: Readonly<Record<string, string>> = {}, env = {}): Rig =>
    createRig({ 'pipelines/p.yaml': text, ...more }, { ...cluster.env, ...engine.env, ...env });

  /** Ends the program of refit on the node, which then cannot end its container. */
  const killProgram = (rig: Rig): void => {
    const found = spawnSync('pgrep', ['-f', `refit-job.js ${rig.root}/`], { encoding: 'utf8' });
    for (const pid of found.stdout.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
  };

  it('ends the container of the attempt before, and then removes what it wrote, when Slurm puts the job back', async () => {
    const run = `test $REFIT_ATTEMPT = 2 && mkdir o && echo new > o/new && exit 0; ${DEAF}`;
    using rig = rigOf(pipeline(run, ', retries: { count: 1, on: preempted }'));
    const running = rig.start('run', 'p');
    await until(() => rig.has('up.txt'));
    cluster.ask('scontrol', 'requeue', cluster.jobs().find(({ state }) => state === 'RUNNING')?.id ?? '');
    expect((await running.ended).exit).toBe(0);
    expect(rig.list('o')).toEqual(['new']);
    expect(engine.containers()).toEqual([]);
  }, 300_000);

  it('ends it also where refit submits the step again, and says where it may run until then', async () => {
    const run = `test $REFIT_ATTEMPT = 2 && mkdir o && echo new > o/new && exit 0; ${DEAF}`;
    using rig = rigOf(pipeline(run, ', retries: { count: 1, delay: 0s }'));
    const running = rig.start('run', 'p');
    await until(() => rig.has('up.txt'));
    const [name] = engine.containers();
    killProgram(rig);
    const ended = await running.ended;
    expect(ended.exit).toBe(0);
    expect(ended.stderr).toMatch(new RegExp(`the container ${name} of step "s" may still run on node n[123]`));
    expect(rig.list('o')).toEqual(['new']);
    expect(engine.containers()).toEqual([]);
    expect(rig.list('.refit/jobs')).toEqual([]);
    await rig.json(0, 'doctor');
  }, 300_000);

  it('is named by doctor while it may run, when no attempt follows', async () => {
    using rig = rigOf(pipeline(DEAF));
    const running = rig.start('run', 'p');
    await until(() => rig.has('up.txt'));
    const [name = ''] = engine.containers();
    expect(JSON.stringify(await rig.json(0, 'doctor'))).not.toContain('container-left');
    killProgram(rig);
    expect((await running.ended).stderr).toContain('may still run on node');
    const { problems } = await rig.json(1, 'doctor', '--repair');
    expect(problems).toMatchObject([{ code: 'container-left', what: expect.stringContaining(name), repaired: false }]);
    expect(engine.containers()).toEqual([name]);
    engine.podman('rm', '--force', '--time=0', name);
    const record = /then remove (\S+)$/.exec(problems.map((one: Document) => one.remedy)[0])?.[1] ?? '';
    rig.remove(record);
    await rig.json(0, 'doctor');
  }, 300_000);

  it('gets no secret of the machine that has submitted it, in no file and no variable', async () => {
    const secrets = {
      DOCKER_PASSWORD: 'hush-1',
      CONTAINER_SSHKEY: 'hush-2',
      REGISTRY_PASSWORD: 'hush-3',
      APPTAINER_DOCKER_PASSWORD: 'hush-4',
      HTTPS_PROXY: 'http://user:hush-5@proxy.invalid:1',
      https_proxy: 'user:hush-6@proxy.invalid:1',
    };
    const run = 'cat .refit/jobs/*/*/spec.json > spec.txt; env > env.txt; echo > o';
    const files = {
      'refit.yaml': 'executors: { slurm: { options: [--export-file=variables] } }',
      variables: 'SLURM_JWT=hush-7\0SLURM_OF_MINE=7\0',
    };
    using rig = rigOf(pipeline(run), files, secrets);
    await rig.json(0, 'run', 'p');
    expect(rig.read('env.txt')).toContain('SLURM_OF_MINE=7');
    expect(rig.read('spec.txt')).toContain('CONTAINERS_CONF');
    for (const file of readdirSync(rig.root).filter((name) => name.endsWith('.txt')))
      expect(readFileSync(join(rig.root, file), 'utf8')).not.toContain('hush');
  }, 300_000);

  it.each(['--export=SLURM_OF_MINE=7', '--export-file=variables'])(
    'leaves what is exported to the options of the settings: %s',
    async (option) => {
      using rig = rigOf('pipeline: p\nexecutor: slurm\nsteps:\n  s: { run: "env > o", inputs: [], outputs: [o] }\n', {
        'refit.yaml': `executors: { slurm: { options: ["${option}"] } }`,
        variables: 'SLURM_OF_MINE=7\0',
      });
      await rig.json(0, 'run', 'p');
      expect(rig.read('o')).toContain('SLURM_OF_MINE=7');
    },
    60_000,
  );
});
