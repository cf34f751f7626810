import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig, until } from '../support/rig.js';
import { STEERED } from '../support/steering.js';
import { type Cluster, hasSlurm, startCluster } from './cluster.js';

describe.runIf(hasSlurm())('jobs of Slurm when something is killed', () => {
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

  const TRAIN = `  train: { run: '${STEERED}', inputs: [rows.csv], outputs: [model.txt] }\n`;
  const ROWS = { 'rows.csv': 'x\n1\n' };
  const submitted = (): number => cluster.jobs().length;

  it('goes on with a running job, and keeps the last good output until it has ended', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    const before = submitted();
    const first = rig.start('run', 'p');
    const step = await rig.started('train');
    first.kill('SIGKILL');
    await first.ended;
    const second = rig.start('run', 'p', '--json');
    await second.said('goes on with Slurm job');
    expect(step.isGone()).toBe(false);
    await step.write('model.txt', 'new');
    await step.print('trained');
    await step.exit(0);
    const ended = await second.ended;
    expect(ended.exit).toBe(0);
    const { run } = JSON.parse(ended.stdout);
    expect(run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(rig.read(run.steps[0].log)).toBe('trained\n');
    expect(rig.read('model.txt')).toBe('new');
    expect(submitted() - before).toBe(1);
    expect(rig.startedCount('train')).toBe(1);
    const [lost, good] = (await rig.json(0, 'runs')).runs.reverse();
    expect([lost.status, good.status]).toEqual(['lost', 'succeeded']);
    expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('skipped');
    expect(rig.list('.refit/jobs')).toEqual([]);
    expect(rig.list('.refit/aside')).toEqual([]);
  });

  it('is listed by doctor, which cancels it only to repair', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    const first = rig.start('run', 'p');
    const step = await rig.started('train');
    first.kill('SIGKILL');
    await first.ended;
    const problems = async (exit: number, ...more: readonly string[]) =>
      (await rig.json(exit, 'doctor', ...more)).problems.map(({ code }: { code: string }) => code);
    expect(await problems(1)).toEqual(['lost-run', 'job-left']);
    expect(step.isGone()).toBe(false);
    expect(await problems(0, '--repair')).toEqual(['lost-run', 'job-left']);
    await step.gone;
    expect(rig.read('model.txt')).toBe('old');
    expect(await problems(0)).toEqual([]);
  });

  it('collects a job that has ended meanwhile, also one that failed, and restores what it had replaced', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    const before = submitted();
    for (const exit of [3, 0]) {
      const first = rig.start('run', 'p');
      const step = await rig.started('train');
      first.kill('SIGKILL');
      await first.ended;
      await step.write('model.txt', `made with ${exit}`);
      await step.exit(exit);
      await until(() => rig.files('.refit/jobs').some((path) => path.includes('results/')));
      const { run } = await rig.json(exit === 0 ? 0 : 1, 'run', 'p');
      expect(run.steps[0]).toMatchObject({ exit_code: exit, attempts: 1 });
      expect(rig.read('model.txt')).toBe(exit === 0 ? 'made with 0' : 'old');
    }
    expect(submitted() - before).toBe(2);
  });

  it('finds a job by its comment when refit was killed before it had read the id', async () => {
    using killed = createRig(
      {
        'pipelines/p.yaml': `pipeline: p\nexecutor: slurm\nsteps:\n${TRAIN}`,
        ...ROWS,
        'bin/sbatch': `#!/bin/sh\n[ -e killed ] && exec /usr/bin/sbatch "$@"\n/usr/bin/sbatch "$@" && touch killed && kill -9 $PPID\n`,
      },
      { ...cluster.env, PATH: `bin:${process.env.PATH}` },
    );
    const before = submitted();
    await killed.refit('run', 'p');
    expect(killed.has('killed')).toBe(true);
    expect(killed.files('.refit/jobs').some((path) => path.endsWith('.id'))).toBe(false);
    const step = await killed.started('train');
    const second = killed.start('run', 'p');
    await second.said('goes on with Slurm job');
    await step.write('model.txt', 'made');
    await step.exit(0);
    expect((await second.ended).exit).toBe(0);
    expect(submitted() - before).toBe(1);
  });

  it('submits a job that was never submitted, and only once', async () => {
    using rig = createRig(
      {
        'pipelines/p.yaml': `pipeline: p\nexecutor: slurm\nsteps:\n${TRAIN}`,
        ...ROWS,
        'bin/sbatch': `#!/bin/sh\n[ -e killed ] && exec /usr/bin/sbatch "$@"\ntouch killed; kill -9 $PPID\n`,
      },
      { ...cluster.env, PATH: `bin:${process.env.PATH}` },
    );
    const before = submitted();
    await rig.refit('run', 'p');
    const second = rig.start('run', 'p');
    const step = await rig.started('train');
    await step.write('model.txt', 'made');
    await step.exit(0);
    expect((await second.ended).exit).toBe(0);
    expect(submitted() - before).toBe(1);
  });

  it('ends a job that is no longer wanted before it starts the step again: changed input, --force, another executor', async () => {
    using rig = rigOf(TRAIN, { ...ROWS, 'model.txt': 'old' });
    for (const args of [['--executor', 'slurm'], ['--force'], ['--executor', 'local']]) {
      const first = rig.start('run', 'p');
      const old = await rig.started('train');
      first.kill('SIGKILL');
      await first.ended;
      await old.write('model.txt', 'half');
      if (args.includes('slurm')) rig.write({ 'rows.csv': 'x\n2\n' });
      const second = rig.start('run', 'p', ...args);
      const fresh = await rig.started('train');
      expect(old.isGone()).toBe(true);
      expect(rig.has('model.txt')).toBe(false);
      await fresh.exit(5);
      expect((await second.ended).exit).toBe(1);
      expect(rig.read('model.txt')).toBe('old');
    }
    expect(rig.startedCount('train')).toBe(6);
  });

  it('fails a step whose node is lost, or lets Slurm run it again; the copy on the node that was cut off ends', async () => {
    using rig = rigOf(`  once: { run: '${STEERED}', inputs: [] }
  again: { run: '${STEERED}', inputs: [], retries: { count: 1, on: preempted } }
`);
    const before = submitted();
    const running = rig.start('run', 'p', '--json', '--keep-going');
    const [once, first] = [await rig.started('once'), await rig.started('again')];
    const nodes = new Set(cluster.ask('squeue', '--noheader', '--states=RUNNING', '--format=%N').trim().split('\n'));
    // The processes of the nodes live on: only the controller cannot reach them.
    for (const node of nodes) cluster.killNode(node);
    await once.gone;
    // Slurm lets a job that it puts back wait for a while.
    await until(() => rig.startedCount('again') === 2);
    const second = await rig.started('again');
    expect(second.attempt).toBe(2);
    await first.gone;
    await second.exit(0);
    const ended = await running.ended;
    expect(ended.exit).toBe(1);
    expect(JSON.parse(ended.stdout).run.steps).toMatchObject([
      { name: 'once', status: 'failed', failure: { code: 'job-ended', reason: 'node-failed' } },
      { name: 'again', status: 'succeeded', attempts: 2 },
    ]);
    expect(submitted() - before).toBe(2);
    for (const node of nodes) cluster.startNode(node);
  }, 300_000);

  it('counts a requeue as an attempt with its reason, and resumes from the checkpoint', async () => {
    using rig = rigOf(`  train:
    run: exec node sgd.mjs 10 \${{ outputs.model }} 6
    inputs: [sgd.mjs]
    outputs: { model: work/model.json }
    checkpoint: work/ckpt
    retries: { count: 2, on: preempted }
`);
    copyFileSync(join(import.meta.dirname, '../execute/checkpoint/sgd.mjs'), join(rig.root, 'sgd.mjs'));
    const before = submitted();
    const running = rig.start('run', 'p', '--json');
    await until(() => rig.has('work/waiting'));
    const id = cluster.jobs().find(({ state }) => state === 'RUNNING')?.id ?? '';
    cluster.ask('scontrol', 'requeue', id);
    const ended = await running.ended;
    expect(ended.exit).toBe(0);
    const [step] = JSON.parse(ended.stdout).run.steps;
    expect(step).toMatchObject({ status: 'succeeded', attempts: 2, job: { id } });
    expect(rig.read(step.log)).toBe('resuming after epoch 6\n');
    expect(submitted() - before).toBe(1);
    const outcomes = rig
      .query('SELECT outcome_json FROM attempt ORDER BY number')
      .map((row) => JSON.parse(row.outcome_json));
    expect(outcomes).toEqual([
      { kind: 'job-ended', reason: 'requeued' },
      { kind: 'exited', exitCode: 0 },
    ]);
    expect(rig.has('work/ckpt')).toBe(false);
  }, 300_000);

  it('tells preemption by a more urgent job', async () => {
    using rig = rigOf(TRAIN.replace(' }\n', ', resources: { cpus: 8 } }\n'), {
      ...ROWS,
      'refit.yaml': 'executors: { slurm: { options: [--nodelist=n3] } }\n',
    });
    const running = rig.start('run', 'p', '--json');
    await rig.started('train');
    cluster.ask('sbatch', '--partition=urgent', '--nodelist=n3', '--exclusive', '--output=/dev/null', '--wrap=true');
    const ended = await running.ended;
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({
      status: 'failed',
      failure: { code: 'job-ended', reason: 'preempted' },
    });
  }, 300_000);
});
