import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig, until } from '../support/rig.js';
import { STEERED } from '../support/steering.js';
import { type Cluster, hasSlurm, startCluster } from './cluster.js';

describe.runIf(hasSlurm())('steps as jobs of Slurm', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster?.[Symbol.dispose]());

  const rigOf = (steps: string, more: Readonly<Record<string, string>> = {}, env = {}): Rig =>
    createRig(
      { 'pipelines/p.yaml': `pipeline: p\nexecutor: slurm\nsteps:\n${steps}`, ...more },
      { ...cluster.env, ...env },
    );

  it('runs the real example with the results of a local run, which then finds everything fresh', async () => {
    const flights = (): Rig => {
      const rig = createRig({}, cluster.env);
      rig.copy('pipelines/flights', 'pipelines/flights');
      rig.copy('pipelines/flights.yaml', 'pipelines/flights.yaml');
      symlinkSync(join(import.meta.dirname, '../../node_modules'), join(rig.root, 'node_modules'));
      execFileSync(process.execPath, ['pipelines/flights/land.js', '2001-01'], { cwd: rig.root });
      return rig;
    };
    using there = flights();
    using here = flights();
    const [far, near] = [
      await there.json(0, 'run', 'flights', '--executor', 'slurm', '--now', '2001-02-01'),
      await here.json(0, 'run', 'flights', '--now', '2001-02-01'),
    ];
    const facts = (rig: Rig) =>
      rig.query(
        `SELECT step, status, fingerprint FROM step_execution WHERE run = (SELECT max(id) FROM run) ORDER BY step`,
      );
    expect(facts(there)).toEqual(facts(here));
    expect(far.metrics).toEqual(near.metrics);
    expect(far.model_version).toBe(near.model_version);
    const made = (rig: Rig) =>
      rig.query('SELECT DISTINCT a.hash FROM lineage AS l JOIN artifact AS a ON a.id = l.artifact ORDER BY 1');
    expect(made(there)).toEqual(made(here));
    const again = await there.json(0, 'run', 'flights', '--now', '2001-02-01');
    expect(again.run.steps.map((step: { status: string }) => step.status)).toEqual(
      again.run.steps.map(() => 'skipped'),
    );
    expect(there.has('.refit/jobs')).toBe(true);
    expect(there.list('.refit/jobs')).toEqual([]);
  });

  it('submits the instances of a matrix as one array', async () => {
    using rig = rigOf(`  m:
    matrix: { k: [1, 2, 3, 4, 5] }
    run: 'echo \${{ matrix.k }} $SLURM_ARRAY_JOB_ID > \${{ outputs[0] }}'
    inputs: []
    outputs: ['m-\${{ matrix.k }}.txt']
`);
    const { run } = await rig.json(0, 'run', 'p');
    const lines = [1, 2, 3, 4, 5].map((k) => rig.read(`m-${k}.txt`).trim().split(' '));
    expect(lines.map(([k]) => k)).toEqual(['1', '2', '3', '4', '5']);
    expect(new Set(lines.map(([, job]) => job)).size).toBe(1);
    const ids = run.steps.map((step: { job: { id: string } }) => step.job.id);
    expect(new Set(ids)).toEqual(new Set([0, 1, 2, 3, 4].map((task) => `${lines[0]?.[1]}_${task}`)));
  });

  it('asks for what the step and refit.yaml say, and gives the step what Slurm says', async () => {
    using rig = rigOf(
      `  a:
    run: 'scontrol show job $SLURM_JOB_ID > \${{ outputs[0] }}; echo gpus=$CUDA_VISIBLE_DEVICES >> \${{ outputs[0] }}'
    inputs: []
    outputs: [a.txt]
    timeout: 10m
    executor: slurm:small
    resources: { cpus: 3, memory: 2GiB, gpus: 1, licence: 1 }
`,
      {
        'refit.yaml': `resources: { licence: 1 }
executors:
  slurm:
    partition: urgent
    options: [--nice=7]
    profiles:
      small: { partition: main, constraint: kind2 }
`,
      },
    );
    await rig.json(0, 'run', 'p');
    const asked = rig.read('a.txt');
    for (const words of [
      'Partition=main',
      'Features=kind2',
      'NumCPUs=3',
      'mem=2G',
      'gres',
      'TimeLimit=00:12:00',
      'Nice=7',
      'Requeue=0',
      'NodeList=n2',
    ])
      expect(asked).toContain(words);
    expect(asked).toMatch(/gpus=\d/);
  });

  it('starts without a login shell on the node, and without a variable of refit', async () => {
    using rig = rigOf(`  a:
    run: 'tr "\\0" "\\n" < /proc/$PPID/environ > \${{ outputs[0] }}'
    inputs: []
    outputs: [a.txt]
`);
    await rig.json(0, 'run', 'p');
    const names = rig
      .read('a.txt')
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names).toContain('SLURM_JOB_ID');
    expect(names.filter((name) => /^(SLURM_GET_USER_ENV|SHELL|HOME|REFIT_\w+)$/.test(name ?? ''))).toEqual([]);
  });

  it('fails with the exit code, the signal and the time-out of the step, and shows the job and its node', async () => {
    using rig = rigOf(`  fails: { run: 'echo last words; exit 7', inputs: [] }
  killed: { run: 'kill -SEGV $$', inputs: [] }
  slow: { run: sleep 600, inputs: [], timeout: 1s }
`);
    const { run } = await rig.json(1, 'run', 'p', '--keep-going');
    const [fails, killed, slow] = run.steps;
    expect(fails).toMatchObject({
      status: 'failed',
      exit_code: 7,
      job: { engine: 'slurm', id: expect.stringMatching(/^\d+$/), node: expect.stringMatching(/^n[123]$/) },
    });
    expect(killed).toMatchObject({ status: 'failed', failure: { code: 'step-signalled', signal: 'SIGSEGV' } });
    expect(slow).toMatchObject({ status: 'timed-out', failure: { code: 'step-timed-out', after_ms: 1000 } });
    const shown = await rig.refit('show', run.id);
    expect(shown.stdout).toContain(`slurm job ${fails.job.id} on ${fails.job.node}`);
    expect(rig.read(fails.log)).toBe('last words\n');
  });

  it('streams the log while the step runs', async () => {
    using rig = rigOf(`  a: { run: '${STEERED}', inputs: [] }\n`);
    const running = rig.start('run', 'p', '--verbose');
    const step = await rig.started('a');
    await step.print('epoch 1');
    await running.said('epoch 1');
    await step.exit(0);
    expect((await running.ended).exit).toBe(0);
  });

  it('calls a step cancelled that somebody ended with scancel', async () => {
    using rig = rigOf(`  a: { run: '${STEERED}', inputs: [] }\n`);
    const running = rig.start('run', 'p', '--json');
    const step = await rig.started('a');
    const [job] = cluster.jobs().filter(({ state }) => state === 'RUNNING');
    cluster.ask('scancel', job?.id ?? '');
    await step.gone;
    const ended = await running.ended;
    expect(ended.exit).toBe(1);
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({
      status: 'cancelled',
      failure: { code: 'step-cancelled' },
    });
  });

  it('cancels its jobs on SIGINT, running or waiting', async () => {
    using rig = rigOf(
      `  a: { run: '${STEERED}', inputs: [], outputs: [a.txt] }
  never: { run: 'echo no > \${{ outputs[0] }}', inputs: [], outputs: [never.txt], executor: slurm:nowhere }
`,
      { 'refit.yaml': 'executors: { slurm: { profiles: { nowhere: { options: [--hold] } } } }\n' },
    );
    const running = rig.start('run', 'p', '--json');
    const step = await rig.started('a');
    await until(() => cluster.jobs().some(({ state }) => state === 'PENDING'));
    running.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.exit).toBe(130);
    expect(step.isGone()).toBe(true);
    expect(cluster.jobs().filter(({ state }) => state === 'PENDING' || state === 'RUNNING')).toEqual([]);
    expect(JSON.parse(ended.stdout).run).toMatchObject({
      status: 'cancelled',
      steps: [{ status: 'cancelled' }, { status: 'cancelled' }],
    });
    expect(rig.list('.refit/jobs')).toEqual([]);
  });

  it('says what sbatch says', async () => {
    using rig = rigOf(`  a: { run: 'true', inputs: [] }\n`, {
      'refit.yaml': 'executors: { slurm: { partition: nowhere } }\n',
    });
    expect((await rig.refit('run', 'p')).stderr).toMatch(
      /step "a" could not be started: sbatch says: .*invalid partition specified: nowhere/,
    );
    using without = rigOf(`  a: { run: 'true', inputs: [] }\n`, {}, { PATH: '/nowhere' });
    expect((await without.refit('run', 'p')).stderr).toContain('"sbatch" was not found on the PATH');
  });

  it('shows no secret in the queue, in files that others may read, and in logs', async () => {
    const secret = 'correct-horse-battery';
    using rig = rigOf(
      `  a: { run: 'echo $TOKEN; ps -ww -e -o args > \${{ outputs[0] }}; scontrol show job $SLURM_JOB_ID >> \${{ outputs[0] }}; scontrol write batch_script $SLURM_JOB_ID - >> \${{ outputs[0] }}; ls -l .refit/jobs/*/*/ >> \${{ outputs[0] }}', inputs: [], outputs: [seen.txt], secrets: [TOKEN] }
`,
      {},
      { TOKEN: secret },
    );
    const { run } = await rig.json(0, 'run', 'p');
    expect(rig.read(run.steps[0].log)).toBe('***\n');
    const seen = rig.read('seen.txt');
    expect(seen).toContain('JobState=RUNNING');
    expect(seen).not.toContain(secret);
    expect(seen).toMatch(/-rw------- .* spec\.json/);
    for (const file of rig.files('.refit')) if (!file.endsWith('.db')) expect(rig.read(file)).not.toContain(secret);
  });

  it('writes no secret into the file of a job that its step does not get', async () => {
    const steps = `  a: { run: 'cp .refit/jobs/*/*/spec.json \${{ outputs[0] }}; echo $OWN $URL', inputs: [], outputs: [spec.json], secrets: [OWN] }
`;
    const other = 'pipeline: q\nsteps: { s: { run: "true", inputs: [], outputs: [], secrets: [OTHER] } }\n';
    const env = { OWN: 'own-secret-word', OTHER: 'other-secret-word', URL: 'http://me:pass-of-url@host/' };
    using rig = rigOf(steps, { 'pipelines/q.yaml': other }, env);
    const { run } = await rig.json(0, 'run', 'p');
    const text = rig.read('spec.json');
    const base64 = (word: string): string => Buffer.from(word).toString('base64').slice(0, -4);
    expect(text).toContain(base64(env.OWN));
    for (const form of [env.OTHER, base64(env.OTHER)]) expect(text).not.toContain(form);
    expect(rig.read(run.steps[0].log)).toBe('*** http://***@host/\n');
  });
});
