import { expect, it, vi } from 'vitest';
import { createRig, type Rig, until } from '../../support/rig.js';
import { STEERED } from '../../support/steering.js';

// Each test starts up to six processes one after the other: a machine with other work takes 25 s for what takes 2 s alone.
vi.setConfig({ testTimeout: 180_000 });

/** `left` and `right` need `shared`; each is a target. */
const workspace = (): Rig =>
  createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  shared: { run: ${STEERED}, inputs: [in.txt], outputs: [shared.txt] }
  left: { run: cat shared.txt > left.txt, inputs: [shared.txt], outputs: [left.txt] }
  right: { run: cat shared.txt > right.txt, inputs: [shared.txt], outputs: [right.txt] }
`,
    'in.txt': 'in',
  });

const statuses = (rig: Rig): readonly string[] =>
  rig.query('SELECT status FROM run ORDER BY started_at').map(({ status }) => status);

const make = async (step: Awaited<ReturnType<Rig['started']>>, text: string): Promise<void> => {
  await step.write('shared.txt', text);
  await step.exit(0);
};

it('runs two targets at once, and what both need once', async () => {
  using rig = workspace();
  const left = rig.start('run', 'p', '--until', 'left');
  const shared = await rig.started('shared');
  const [{ id }] = (await rig.json(0, 'runs')).runs;
  const right = rig.start('run', 'p', '--until', 'right');
  expect(await right.said('waiting for step "shared"')).toContain(`which run ${id} is working on`);
  await make(shared, 'made');
  expect(await Promise.all([left.ended, right.ended])).toMatchObject([{ exit: 0 }, { exit: 0 }]);
  expect([rig.read('left.txt'), rig.read('right.txt')]).toEqual(['made', 'made']);
  expect(rig.startedCount('shared')).toBe(1);
  expect(
    rig.query("SELECT status FROM step_execution WHERE step = 'shared' ORDER BY id").map(({ status }) => status),
  ).toEqual(['succeeded', 'skipped']);
  expect((await rig.json(0, 'plan', 'p')).steps.map(({ action }: { action: string }) => action)).toEqual(
    Array(3).fill('skip'),
  );
});

it('takes over a step whose run is killed, after ending what is left of it', async () => {
  using rig = workspace();
  const left = rig.start('run', 'p', '--until', 'left');
  const lost = await rig.started('shared');
  await lost.write('shared.txt', 'half');
  const right = rig.start('run', 'p', '--until', 'right');
  await right.said('waiting for step "shared"');
  left.kill('SIGKILL');
  const again = await rig.started('shared');
  await lost.gone;
  expect(rig.has('shared.txt')).toBe(false);
  await make(again, 'whole');
  const ended = await right.ended;
  expect(ended).toMatchObject({ exit: 0 });
  expect(ended.stderr).toContain('marked lost');
  expect(rig.read('right.txt')).toBe('whole');
  expect(statuses(rig)).toEqual(['lost', 'succeeded']);
  expect(rig.files('.refit/locks/runs')).toEqual([]);
});

it('leaves the steps of a living run alone when it repairs those of a dead one', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  a: { run: ${STEERED}, inputs: [], outputs: [a.txt] }
  b: { run: ${STEERED}, inputs: [], outputs: [b.txt] }
  c: { run: echo c > c.txt, inputs: [], outputs: [c.txt] }
`,
  });
  const first = rig.start('run', 'p', '--only', 'a');
  const a = await rig.started('a');
  await a.write('a.txt', 'a');
  const second = rig.start('run', 'p', '--only', 'b');
  await (await rig.started('b')).write('b.txt', 'half');
  second.kill('SIGKILL');
  await second.ended;
  expect((await rig.refit('run', 'p', '--only', 'c')).exit).toBe(0);
  expect([rig.has('b.txt'), rig.read('a.txt'), a.isGone()]).toEqual([false, 'a', false]);
  expect((await rig.json(0, 'runs')).runs.map(({ status }: { status: string }) => status)).toEqual([
    'succeeded',
    'lost',
    'running',
  ]);
  await a.exit(0);
  expect((await first.ended).exit).toBe(0);
});

it('stops waiting for a step at ^C, and at the end of --wait', async () => {
  using rig = workspace();
  const left = rig.start('run', 'p', '--until', 'left');
  const shared = await rig.started('shared');
  const bounded = await rig.refit('run', 'p', '--until', 'right', '--wait', '100ms');
  expect(bounded).toMatchObject({ exit: 6 });
  expect(bounded.stderr).toContain('step "shared" of p is busy: run ');
  const right = rig.start('run', 'p', '--until', 'right');
  await right.said('waiting for step "shared"');
  right.kill('SIGINT');
  expect((await right.ended).exit).toBe(130);
  await make(shared, 'made');
  expect((await left.ended).exit).toBe(0);
  // The run that gave up at once has never begun.
  expect(statuses(rig)).toEqual(['succeeded', 'cancelled']);
});

it('does not replace outputs that another run uses', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
params: { n: 1 }
steps:
  shared: { run: 'echo \${{ params.n }} > shared.txt', inputs: [], outputs: [shared.txt] }
  use: { run: ${STEERED}, inputs: [shared.txt], outputs: [use.txt] }
`,
  });
  const older = rig.start('run', 'p');
  const use = await rig.started('use');
  const younger = await rig.refit('run', 'p', '--until', 'shared', '--param', 'n=2');
  expect(younger).toMatchObject({ exit: 6 });
  expect(younger.stderr).toContain('step "shared" of p is busy');
  const waiting = rig.start('run', 'p', '--until', 'shared', '--param', 'n=2', '--wait', '1m');
  await waiting.said('uses its last outputs');
  expect(rig.read('shared.txt')).toBe('1\n');
  await use.write('use.txt', 'of 1');
  await use.exit(0);
  expect((await older.ended).exit).toBe(0);
  expect((await waiting.ended).exit).toBe(0);
  expect(rig.read('shared.txt')).toBe('2\n');
});

it('lets the older of two runs wait that would replace what the other uses', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
params: { n: 1 }
steps:
  a: { run: ${STEERED}, inputs: [], outputs: [a.txt], params: [n] }
  b: { run: ${STEERED}, inputs: [], outputs: [b.txt], params: [n] }
`,
  });
  const older = rig.start('run', 'p', '--param', 'n=1', '--jobs', '1');
  const a1 = await rig.started('a');
  const younger = rig.start('run', 'p', '--until', 'b', '--param', 'n=2');
  const b2 = await rig.started('b');
  await b2.write('b.txt', '2');
  await a1.write('a.txt', '1');
  await a1.exit(0);
  await older.said('waiting for step "b"');
  await b2.exit(0);
  const b1 = await rig.started('b');
  expect((await younger.ended).exit).toBe(0);
  await b1.write('b.txt', '1');
  await b1.exit(0);
  expect((await older.ended).exit).toBe(0);
  expect([rig.read('a.txt'), rig.read('b.txt')]).toEqual(['1', '1']);
});

it('keeps a retraining out while runs go on, and runs out while a retraining does', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  train: { run: ${STEERED}, inputs: [], outputs: [m.txt] }
model: { path: m.txt, gate: [{ smoke: "true" }], first: accept, publish: { path: serving } }
retrain: { when: { max_age: 30d } }
`,
  });
  const run = rig.start('run', 'p');
  const train = await rig.started('train');
  const [{ id }] = (await rig.json(0, 'runs')).runs;
  const refused = await rig.refit('retrain', 'p', '--force');
  expect(refused).toMatchObject({ exit: 6 });
  expect(refused.stderr).toContain(`for run ${id}`);
  const retrain = rig.start('retrain', 'p', '--force', '--wait', '1m');
  await retrain.said('waiting for process');
  const late = await rig.refit('run', 'p');
  expect(late).toMatchObject({ exit: 6 });
  await train.write('m.txt', 'model');
  await train.exit(0);
  expect((await run.ended).exit).toBe(0);
  expect((await retrain.ended).exit).toBe(0);
  rig.write({ 'pipelines/p.yaml': rig.read('pipelines/p.yaml').replace('inputs: []', 'inputs: [pipelines/p.yaml]') });
  const next = rig.start('retrain', 'p', '--force');
  const again = await rig.started('train');
  expect((await rig.refit('run', 'p')).exit).toBe(6);
  const promote = ['promote', 'p@1', '--reason', 'r'];
  expect(await rig.refit(...promote)).toMatchObject({ exit: 6, stderr: expect.stringContaining('--wait 10m') });
  const promoting = rig.start(...promote, '--wait', '10m');
  await promoting.said('waiting for process');
  const collecting = rig.start('gc', '--apply', '--wait', '10m');
  await collecting.said('waiting for process');
  await again.write('m.txt', 'better');
  await again.exit(0);
  expect(await Promise.all([next.ended, promoting.ended, collecting.ended])).toMatchObject(Array(3).fill({ exit: 0 }));
  expect((await rig.json(0, 'served', 'p')).version).toBe(1);
});

it('registers one version when two runs make the same model', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  train: { run: ${STEERED}, inputs: [], outputs: [m.txt] }
model: { path: m.txt, gate: [{ smoke: "true" }], first: accept }
`,
  });
  const runs = [rig.start('run', 'p')];
  const train = await rig.started('train');
  runs.push(rig.start('run', 'p'), rig.start('run', 'p'));
  await Promise.all(runs.slice(1).map((one) => one.said('waiting for step "train"')));
  await train.write('m.txt', 'model');
  await train.exit(0);
  expect((await Promise.all(runs.map((one) => one.ended))).map(({ exit }) => exit)).toEqual([0, 0, 0]);
  expect(rig.query('SELECT version FROM model_version')).toEqual([{ version: 1 }]);
  await until(() => rig.processes().length === 0);
});

it('ends the younger of two runs at once that would wait for each other, also with --wait', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
params: { n: 1 }
steps:
  a: { run: ${STEERED}, inputs: [], outputs: [a.txt], params: [n] }
  b: { run: ${STEERED}, inputs: [], outputs: [b.txt], params: [n] }
`,
  });
  const make = async (step: Awaited<ReturnType<Rig['started']>>, path: string, text: string): Promise<void> => {
    await step.write(path, text);
    await step.exit(0);
  };
  const older = rig.start('run', 'p', '--param', 'n=1', '--jobs', '1', '--wait', '10m');
  const a1 = await rig.started('a');
  const younger = rig.start('run', 'p', '--param', 'n=2', '--jobs', '2', '--wait', '10m');
  await make(await rig.started('b'), 'b.txt', '2');
  await make(a1, 'a.txt', '1');
  const given = await younger.ended;
  expect(given).toMatchObject({ exit: 6, stderr: expect.stringContaining('the younger of the two gives way') });
  await make(await rig.started('b'), 'b.txt', '1');
  expect((await older.ended).exit).toBe(0);
  expect([rig.read('a.txt'), rig.read('b.txt')]).toEqual(['1', '1']);
  // It has made b, and nothing of it has failed.
  expect(statuses(rig)).toEqual(['succeeded', 'cancelled']);
});

it('leaves the model to the next run when it is cancelled while another run judges', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  train: { run: echo model > m.txt, inputs: [], outputs: [m.txt] }
model: { path: m.txt, gate: [{ smoke: '${STEERED} smoke' }], first: accept }
`,
  });
  const first = rig.start('run', 'p');
  const smoke = await rig.started('smoke');
  const second = rig.start('run', 'p', '--json');
  await second.said('which is judging its model');
  expect((await rig.json(0, 'runs')).runs.map(({ status }: { status: string }) => status)).toEqual([
    'running',
    'succeeded',
  ]);
  second.kill('SIGINT');
  expect(await second.ended).toMatchObject({
    exit: 130,
    stderr: expect.stringContaining('the next "refit run p" registers it'),
  });
  expect(statuses(rig)).toEqual(['succeeded', 'cancelled']);
  const bounded = await rig.refit('run', 'p', '--wait', '100ms');
  expect(bounded).toMatchObject({ exit: 6, stderr: expect.stringContaining('is judging its model') });
  expect(statuses(rig)).toEqual(['succeeded', 'cancelled']);
  await smoke.exit(0);
  expect((await first.ended).exit).toBe(0);
  expect((await rig.json(0, 'run', 'p')).model_version).toBe('p@1');
});

/** A diamond with a chain: every run of it takes other ways through the same steps. */
it('ends three processes that run random targets with the right outputs, and never two of one step at a time', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
  const needs: Readonly<Record<(typeof names)[number], readonly string[]>> = {
    a: [],
    b: ['a'],
    c: ['a'],
    d: ['b', 'c'],
    e: ['c'],
    f: ['d', 'e'],
  };
  const step = (name: (typeof names)[number]): string => {
    const inputs = ['step.sh', 'in.txt', ...needs[name].map((one) => `${one}.txt`)];
    return `  ${name}: { run: "sh step.sh ${name} ${inputs.slice(1).join(' ')}", inputs: [${inputs.join(', ')}], outputs: [${name}.txt] }`;
  };
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p\nsteps:\n${names.map(step).join('\n')}\n`,
    // mkdir fails if another process of the step is at work.
    'step.sh': `name=$1; shift
mkdir "working-$name" || { echo "$name twice" >> twice.txt; exit 9; }
cat "$@" > "$name.txt"; echo "$name" >> "$name.txt"
rmdir "working-$name"
`,
    'in.txt': '0\n',
  });
  const seed = Number(process.env.REFIT_SEED ?? Date.now() % 1e6);
  let state = seed;
  const random = (below: number): number => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  const bad: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let i = 0; i < 6; i++) {
      const target = names[random(names.length)] ?? 'f';
      const forced = random(4) === 0 ? ['--force'] : [];
      const ended = await rig.refit('run', 'p', '--until', target, '--wait', '60s', ...forced);
      if (ended.exit !== 0) bad.push(ended);
    }
  };
  await Promise.all([work(), work(), work()]);
  expect(bad, `REFIT_SEED=${seed}`).toEqual([]);
  expect(rig.has('twice.txt')).toBe(false);
  expect((await rig.refit('run', 'p')).exit).toBe(0);
  const expected = (name: (typeof names)[number]): string =>
    `0\n${needs[name].map((one) => expected(one as (typeof names)[number])).join('')}${name}\n`;
  for (const name of names) expect(rig.read(`${name}.txt`), name).toBe(expected(name));
  expect((await rig.json(0, 'plan', 'p')).steps.map(({ action }: { action: string }) => action)).toEqual(
    Array(6).fill('skip'),
  );
});
