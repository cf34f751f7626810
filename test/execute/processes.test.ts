import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';
import { STEERED } from '../support/steering.js';

const STEERED_STEP: Readonly<Record<string, string>> = {
  'pipelines/p.yaml': `pipeline: p\nsteps:\n  a: { run: ${STEERED}, inputs: [], outputs: [a.txt] }\n`,
};

it('runs the command once when ten runs start at once', async () => {
  using rig = createRig(STEERED_STEP);
  const all = Array.from({ length: 10 }, () => rig.start('run', 'p', '--json', '--wait', '60s'));
  const a = await rig.started('a');
  await a.write('a.txt', 'made');
  await a.exit(0);
  const ended = await Promise.all(all.map((one) => one.ended));
  expect(ended.map((one) => one.exit)).toEqual(Array.from({ length: 10 }, () => 0));
  const statuses = ended.map((one) => JSON.parse(one.stdout).run.steps[0].status).sort();
  expect(statuses).toEqual([...Array.from({ length: 9 }, () => 'skipped'), 'succeeded']);
  expect(rig.startedCount('a')).toBe(1);
});

it('refuses a busy pipeline and names the process that holds it, or waits', async () => {
  using rig = createRig(STEERED_STEP);
  rig.write({
    'pipelines/p.yaml': `${rig.read('pipelines/p.yaml')}model: { path: a.txt, gate: [{ smoke: "true" }], first: accept }
retrain: { when: { max_age: 30d } }
`,
  });
  const first = rig.start('retrain', 'p');
  const a = await rig.started('a');
  const refused = await rig.refit('run', 'p');
  expect(refused).toMatchObject({ exit: 6, stdout: '' });
  expect(refused.stderr).toContain(`process ${first.pid}`);
  expect((await rig.refit('run', 'p', '--wait', '300ms')).exit).toBe(6);
  const waiting = rig.start('run', 'p', '--wait', '30s', '--json');
  await a.write('a.txt', 'made');
  await a.exit(0);
  expect((await first.ended).exit).toBe(0);
  expect(JSON.parse((await waiting.ended).stdout).run.steps[0].status).toBe('skipped');
});

it('shows the plan, runs and logs of a busy pipeline', async () => {
  using rig = createRig(STEERED_STEP);
  const running = rig.start('run', 'p');
  const a = await rig.started('a');
  await a.print('so far');
  expect((await rig.json(0, 'runs')).runs).toMatchObject([{ status: 'running' }]);
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  expect((await rig.refit('logs', 'latest')).stdout).toContain('so far');
  await a.write('a.txt', 'made');
  await a.exit(0);
  expect((await running.ended).exit).toBe(0);
});

it('takes the lock of a dead process at once', async () => {
  using rig = createRig(STEERED_STEP);
  const first = rig.start('run', 'p');
  await rig.started('a');
  first.kill('SIGKILL');
  await first.ended;
  const second = rig.start('run', 'p');
  const a = await rig.started('a');
  await a.write('a.txt', 'made');
  await a.exit(0);
  expect((await second.ended).exit).toBe(0);
});

it('names the lock file that is damaged, in plain words', async () => {
  using rig = createRig({
    'pipelines/p.yaml': 'pipeline: p\nsteps:\n  a: { run: touch a.txt, inputs: [], outputs: [a.txt] }\n',
  });
  await rig.json(0, 'run', 'p');
  for (const path of rig.files('.refit/locks')) rig.write({ [path]: 'rubbish '.repeat(1000) });
  const ended = await rig.refit('run', 'p');
  expect([ended.exit, ended.stderr]).toEqual([
    1,
    expect.stringMatching(/\.refit\/locks\/p\.db cannot be written: it is damaged, .*delete it/),
  ]);
  expect(ended.stderr).not.toContain('    at ');
  for (const path of ['p.db', 'repair/p.db', 'steps/p.db']) {
    const next = await rig.refit('run', 'p');
    expect([next.exit, next.stderr]).toEqual([1, expect.stringContaining(`.refit/locks/${path} cannot be written`)]);
    rig.remove(`.refit/locks/${path}`);
  }
  expect((await rig.refit('run', 'p')).exit).toBe(0);
});

for (const [signal, exit] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  it(`${signal} during a step ends the whole process group, grandchildren too`, async () => {
    using rig = createRig({
      'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: ${STEERED}, inputs: [], outputs: [a.txt] }
  shell: { run: 'node "$STEERED_STEP" shell; true', inputs: [], outputs: [] }
  b: { run: cp a.txt b.txt, inputs: [a.txt], outputs: [b.txt] }
`,
    });
    const running = rig.start('run', 'p', '--jobs', '2');
    const [a, shell] = await Promise.all([rig.started('a'), rig.started('shell')]);
    const child = await a.spawn();
    await a.write('a.txt', 'half');
    running.kill(signal);
    expect((await running.ended).exit).toBe(exit);
    await Promise.all([a.gone, child.gone, shell.gone]);
    expect(rig.processes()).toEqual([]);
    expect(rig.has('a.txt')).toBe(false);
    expect((await rig.json(0, 'show', 'latest')).run).toMatchObject({ status: 'cancelled' });
  });

it('ends what a finished step has left running', async () => {
  using rig = createRig(STEERED_STEP);
  const running = rig.start('run', 'p');
  const a = await rig.started('a');
  const child = await a.spawn();
  await a.write('a.txt', 'made');
  await a.exit(0);
  expect((await running.ended).exit).toBe(0);
  await child.gone;
});
