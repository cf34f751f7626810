import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/rig.js';
import { type ApiServer, startApiServer } from './api-server.js';
import { hasKubectl, type KubernetesRig, kubernetesRig, ROWS, TRAIN } from './rig.js';

describe.runIf(hasKubectl())('Jobs of Kubernetes when refit is killed or the way to the cluster breaks', () => {
  let server: ApiServer;
  beforeEach(async () => {
    server = await startApiServer();
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const rigOf = (more: Readonly<Record<string, string>> = {}, env = {}): KubernetesRig =>
    kubernetesRig(
      server,
      { 'pipelines/p.yaml': `pipeline: p\nexecutor: kubernetes\nsteps:\n${TRAIN}`, ...ROWS, ...more },
      { env },
    );

  it('goes on with a running job, whose log has every line once', async () => {
    using rig = rigOf({ 'model.txt': 'old' });
    const first = rig.start('run', 'p');
    const step = await rig.started('train');
    await step.print('epoch 1');
    await until(() => rig.files().some((path) => path.endsWith('.log') && rig.read(path) !== ''));
    first.kill('SIGKILL');
    await first.ended;
    await step.print('epoch 2');
    const second = rig.start('run', 'p', '--json');
    await second.said('goes on with Kubernetes job');
    expect(step.isGone()).toBe(false);
    await step.write('model.txt', 'new');
    await step.exit(0);
    const ended = await second.ended;
    expect(ended.exit).toBe(0);
    const { run } = JSON.parse(ended.stdout);
    expect(run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(rig.read(run.steps[0].log)).toBe('epoch 1\nepoch 2\n');
    expect(rig.read('model.txt')).toBe('new');
    expect(server.cluster.created).toHaveLength(1);
    expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('skipped');
    expect(rig.list('.refit/jobs')).toEqual([]);
    expect(rig.list('.refit/aside')).toEqual([]);
  });

  it('collects a job that has ended meanwhile, also one that failed', async () => {
    using rig = rigOf({ 'model.txt': 'old' });
    for (const exit of [3, 0]) {
      const first = rig.start('run', 'p');
      const step = await rig.started('train');
      first.kill('SIGKILL');
      await first.ended;
      await step.write('model.txt', `made with ${exit}`);
      await step.exit(exit);
      const { run } = await rig.json(exit === 0 ? 0 : 1, 'run', 'p');
      expect(run.steps[0]).toMatchObject({ exit_code: exit, attempts: 1 });
      expect(rig.read('model.txt')).toBe(exit === 0 ? 'made with 0' : 'old');
    }
    expect(server.cluster.created).toHaveLength(2);
  });

  it.each([
    ['before the cluster took the job', false],
    ['after the cluster took the job', true],
  ])('submits once where it was killed in kubectl create, %s', async (_, isTaken) => {
    const real = '"$(command -v -p kubectl || command -v kubectl)"';
    using rig = rigOf(
      {
        'bin/kubectl': `#!/bin/sh
PATH=\${PATH#bin:}
case "$* " in *" create "*) [ -e killed ] || { touch killed; ${isTaken ? `${real} "$@"; ` : ''}kill -9 $PPID; exit 1; };; esac
exec ${real} "$@"
`,
      },
      { PATH: `bin:${process.env.PATH}` },
    );
    await rig.refit('run', 'p');
    expect(rig.has('killed')).toBe(true);
    expect(server.cluster.created).toHaveLength(isTaken ? 1 : 0);
    const second = rig.start('run', 'p');
    const step = await rig.started('train');
    await step.write('model.txt', 'made');
    await step.exit(0);
    expect((await second.ended).exit).toBe(0);
    expect(server.cluster.created).toHaveLength(1);
    expect(rig.startedCount('train')).toBe(1);
  });

  it('ends a job that is no longer wanted before the step starts again: changed input, another executor', async () => {
    using rig = rigOf({ 'model.txt': 'old' });
    for (const args of [[], ['--executor', 'local']]) {
      const first = rig.start('run', 'p');
      const old = await rig.started('train');
      first.kill('SIGKILL');
      await first.ended;
      await old.write('model.txt', 'half');
      if (args.length === 0) rig.write({ 'rows.csv': 'x\n2\n' });
      const second = rig.start('run', 'p', ...args);
      const fresh = await rig.started('train');
      expect(old.isGone()).toBe(true);
      expect(rig.has('model.txt')).toBe(false);
      await fresh.exit(5);
      expect((await second.ended).exit).toBe(1);
      expect(rig.read('model.txt')).toBe('old');
    }
  });

  it('creates a job once whose creation was obeyed and not answered', async () => {
    using rig = rigOf();
    let losses = 2;
    server.disturb = ({ method }) => (method === 'POST' && losses-- > 0 ? 'obeyed-and-broken' : undefined);
    const running = rig.start('run', 'p');
    const step = await rig.started('train');
    await step.write('model.txt', 'made');
    await step.exit(0);
    expect((await running.ended).exit).toBe(0);
    expect(server.cluster.created).toHaveLength(1);
  });

  it('goes on asking a cluster that breaks connections, is overloaded or cuts its answers', async () => {
    using rig = rigOf();
    const kinds = ['broken', 'overloaded', { afterBytes: 40 }, 'broken', 'overloaded'] as const;
    let asked = 0;
    const running = rig.start('run', 'p', '--json');
    const step = await rig.started('train');
    server.disturb = ({ path }) => (path.endsWith('/jobs') ? kinds[asked++] : undefined);
    await until(() => asked > kinds.length);
    await step.write('model.txt', 'made');
    await step.exit(0);
    const ended = await running.ended;
    expect(ended.exit).toBe(0);
    expect(ended.stderr.match(/cannot be asked about the jobs/g)).toHaveLength(1);
    expect(JSON.parse(ended.stdout).run.steps[0]).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  it('stays with the context and the namespace that were current when it began, also after it was killed', async () => {
    using rig = rigOf();
    rig.write({ 'refit.yaml': rig.read('refit.yaml').replace('context: lab, namespace: training, ', '') });
    rig.useContext('lab');
    const first = rig.start('run', 'p');
    const step = await rig.started('train');
    rig.useContext('other');
    const before = server.requests.length;
    await until(() => server.requests.length > before + 4);
    first.kill('SIGKILL');
    await first.ended;
    const second = rig.start('run', 'p');
    await second.said('goes on with Kubernetes job');
    await step.write('model.txt', 'made');
    await step.exit(0);
    expect((await second.ended).exit).toBe(0);
    expect(server.cluster.created).toHaveLength(1);
  });

  it('deletes a job whose creation was obeyed and never answered, and many jobs with one kubectl', async () => {
    const steps = Array.from({ length: 20 }, (_, i) => `  s${i}: { run: 'sleep 600', inputs: [] }\n`);
    const real = '"$(command -v -p kubectl || command -v kubectl)"';
    using rig = rigOf(
      {
        'pipelines/p.yaml': `pipeline: p\nexecutor: kubernetes\nsteps:\n${steps.join('')}`,
        'bin/kubectl': `#!/bin/sh
PATH=\${PATH#bin:}
case "$* " in *" delete "*) echo delete >> calls;; *" create "*) echo + >> calls;; esac
exec ${real} "$@"
`,
      },
      { PATH: `bin:${process.env.PATH}` },
    );
    const running = rig.start('run', 'p', '--jobs', '20');
    let lost = 0;
    server.disturb = ({ method }) => (method === 'POST' && ++lost > 18 ? 'obeyed-and-broken' : undefined);
    await until(() => lost >= 20);
    running.kill('SIGINT');
    expect((await running.ended).exit).toBe(130);
    expect([...server.cluster.jobs.keys()]).toEqual([]);
    expect(rig.list('.refit/jobs')).toEqual([]);
    expect(rig.read('calls').match(/delete/g)?.length).toBeLessThan(6);
  });

  it('says why the cluster refuses to be asked', async () => {
    using rig = rigOf();
    const running = rig.start('run', 'p');
    const step = await rig.started('train');
    server.disturb = ({ method, path }) => (method === 'GET' && path.endsWith('/jobs') ? 'forbidden' : undefined);
    await running.said('jobs.batch is forbidden: User "me" may not');
    server.disturb = () => undefined;
    await step.write('model.txt', 'made');
    await step.exit(0);
    const ended = await running.ended;
    expect(ended.exit).toBe(0);
    expect(ended.stderr).toContain('refit goes on asking, and gives up after some minutes');
  });

  it('fetches a log again whose connection breaks, and has every line once', async () => {
    using rig = rigOf();
    let cuts = 0;
    server.disturb = ({ path }) => (path.endsWith('/log') && cuts++ < 3 ? { afterBytes: 10 * cuts } : undefined);
    const running = rig.start('run', 'p', '--json', '--verbose');
    const step = await rig.started('train');
    const lines = Array.from({ length: 12 }, (_, i) => `epoch ${i}`);
    for (const line of lines) await step.print(line);
    await running.said('epoch 11');
    await step.write('model.txt', 'made');
    await step.exit(0);
    const ended = await running.ended;
    expect(cuts).toBeGreaterThan(3);
    expect(rig.read(JSON.parse(ended.stdout).run.steps[0].log)).toBe(`${lines.join('\n')}\n`);
    expect(ended.stderr.match(/epoch 3$/gm)).toHaveLength(1);
  });

  it('says that a job is left where the cluster cannot be told to delete it, and finds it later', async () => {
    using rig = rigOf();
    const running = rig.start('run', 'p');
    const step = await rig.started('train');
    server.disturb = () => 'broken';
    running.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.exit).toBe(130);
    expect(ended.stderr).toMatch(/cannot be told to delete job refit-/);
    expect(step.isGone()).toBe(false);
    // The job may still write: nothing starts beside it, and nothing forgets it.
    const beside = await rig.refit('run', 'p', '--executor', 'local');
    expect(beside.exit).not.toBe(0);
    expect(beside.stderr).toMatch(/cannot be told to delete job refit-[\s\S]*remove .refit\/jobs/);
    const { problems } = await rig.json(1, 'doctor', '--repair');
    expect(problems).toMatchObject([{ code: 'job-left', repaired: false }]);
    expect((await rig.refit('doctor', '--repair')).stdout).toMatch(/not repaired: the cluster cannot be told/);
    expect(rig.startedCount('train')).toBe(1);
    server.disturb = () => undefined;
    const second = rig.start('run', 'p');
    const fresh = await rig.started('train');
    expect(step.isGone()).toBe(true);
    await fresh.exit(5);
    await second.ended;
    expect(server.cluster.created).toHaveLength(2);
  });
});
