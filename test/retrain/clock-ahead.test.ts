import { expect, it } from 'vitest';
import { dayOf, jsonLines, labelLines, logRows, WATCHED, watchedFiles } from '../support/predictions.js';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { SHIFTED_CLOCK, setClock } from '../support/shifted-clock.js';

const AHEAD = '2031-01-01T00:00:00Z';
const PERFORMANCE = '{ performance: { metric: auc, drop: 0.03, window: 7d } }';

const pipeline = (trigger: string): string =>
  WATCHED.replace('steps:\n', 'datasets: { rows: { path: "data/*.csv", time: at } }\nsteps:\n')
    .replace(
      'steps:\n',
      'steps:\n  copy: { run: "cat ${{ datasets.rows }} > rows.csv", inputs: ["${{ datasets.rows }}"], outputs: [rows.csv] }\n',
    )
    .replace('monitor:\n', 'monitor:\n  reference: rows.csv\n  current: { dataset: rows, window: 14d }\n')
    .replace(/when: .*\n/, `when: { any: [${trigger}] }\n`);

/** The model's input; with another power it has another law, which no unit explains. */
const inputs = (from: number, days: number, power = 1): string =>
  `at,x\n${Array.from({ length: days * 40 }, (_, i) => `${dayOf(from + Math.floor(i / 40))},${(101 * (((i * 37) % 101) / 101) ** power).toFixed(2)}`).join('\n')}\n`;

/** A model whose only training was made by a machine whose clock was years ahead. */
async function trainedAhead(trigger: string): Promise<Rig> {
  const rig = createRig(
    { ...watchedFiles(pipeline(trigger)), 'data/a.csv': inputs(-30, 30), 'asks.sh': 'exit 1' },
    SHIFTED_CLOCK,
  );
  setClock(rig, AHEAD);
  expect(await rig.json(0, 'retrain', 'watched')).toMatchObject({
    outcome: 'published',
    now: expect.stringMatching(/^2031/),
  });
  return rig;
}

async function tick(rig: Rig, day: number): Promise<Document> {
  setClock(rig, dayOf(day));
  const { stdout, stderr } = await rig.refit('retrain', 'watched', '--json');
  return stdout === '' ? { stderr } : JSON.parse(stdout);
}

const log = (rig: Rig, { lost = 0, moved = 0 } = {}): void => {
  const since = (size: number) => (day: number) => (day >= 28 ? size : 0);
  const rows = logRows({ days: 43, lost: since(lost), moved: since(moved) });
  rig.write({ 'logs/a.jsonl': jsonLines(rows), 'labels/a.csv': `id,label\n${labelLines(rows)}` });
};

it.each([
  ['schedule', '{ schedule: "0 3 * * 5" }', () => undefined],
  ['max_age', '{ max_age: 20d }', () => undefined],
  ['new_data', '{ new_data: { dataset: rows, rows: 500 } }', () => undefined],
  ['code_change', '{ code_change: true }', (rig: Rig) => rig.write({ 'source.txt': 'second' })],
  ['command', '{ command: [sh, asks.sh] }', (rig: Rig) => rig.write({ 'asks.sh': 'exit 0' })],
  [
    'data_drift',
    '{ data_drift: { share: 0.3, on: any } }',
    (rig: Rig) => rig.write({ 'data/b.csv': inputs(0, 42, 3) }),
  ],
  ['target_drift', '{ target_drift: true }', (rig: Rig) => log(rig, { moved: 1 })],
  ['prediction_drift', '{ prediction_drift: true }', (rig: Rig) => log(rig, { moved: 1 })],
  ['performance', PERFORMANCE, (rig: Rig) => log(rig, { lost: 0.4 })],
])('a model that only a clock ahead has trained is trained by the trigger %s', async (condition, trigger, change) => {
  using rig = await trainedAhead(trigger);
  expect(await tick(rig, 0)).toMatchObject({ decision: 'wait' });
  rig.write({ 'data/b.csv': inputs(0, 42) });
  log(rig);
  change(rig);
  const fired = await tick(rig, 42);
  expect(fired).toMatchObject({ decision: 'retrain', because: { of: [{ condition, state: 'fired' }] } });
  expect(await tick(rig, 43)).toMatchObject({ decision: 'wait' });
});

const copying = (name: string, when: string): Readonly<Record<string, string>> => ({
  [`pipelines/${name}.yaml`]: `pipeline: ${name}
steps:
  train: { run: cp ${name}.txt ${name}.model, inputs: [${name}.txt], outputs: [${name}.model] }
model: { path: ${name}.model, gate: [{ smoke: "true" }], first: accept }
retrain: { when: ${when} }
`,
  [`${name}.txt`]: 'first',
});

it('a model that only a clock ahead has trained is trained by the trigger event', async () => {
  using rig = createRig(copying('p', '{ event: landed }'), SHIFTED_CLOCK);
  setClock(rig, AHEAD);
  await rig.json(0, 'retrain', 'p');
  setClock(rig, '2026-03-01T00:00:00Z');
  rig.write({ 'p.txt': 'second' });
  const told = await rig.json(0, 'trigger', 'p', '--event', 'landed', '--id', 'march');
  expect(told.retrain).toMatchObject({ decision: 'retrain', outcome: 'published' });
  expect((await rig.json(0, 'retrain', 'p')).decision).toBe('wait');
});

it('a model that only a clock ahead has trained is trained by the trigger upstream', async () => {
  using rig = createRig({ ...copying('base', 'weekly'), ...copying('p', '{ upstream: base }') }, SHIFTED_CLOCK);
  setClock(rig, AHEAD);
  await rig.json(0, 'retrain', 'base');
  await rig.json(0, 'retrain', 'p');
  setClock(rig, '2026-03-01T00:00:00Z');
  await rig.json(0, 'retrain', 'base');
  rig.write({ 'base.txt': 'second', 'p.txt': 'second' });
  await rig.json(0, 'retrain', 'base', '--force');
  const [fired, next] = [await rig.json(0, 'retrain', 'p'), await rig.json(0, 'retrain', 'p')];
  expect(fired).toMatchObject({ decision: 'retrain', because: { condition: 'upstream', measured: 'base@2' } });
  expect(next.decision).toBe('wait');
});

it('a later --now is no wrong clock: status says so, doctor finds no fault, and nothing waits for it', async () => {
  using rig = createRig(copying('p', '{ schedule: "0 3 * * *" }'), SHIFTED_CLOCK);
  setClock(rig, '2026-03-01T00:00:00Z');
  const played = await rig.json(0, 'retrain', 'p', '--now', '2030-01-01');
  expect((await rig.json(0, 'status', 'p')).pipelines[0].future_decisions).toMatchObject([
    {
      id: played.id,
      cause: 'simulated',
      now: '2030-01-01T00:00:00.000Z',
      decided_at: expect.stringMatching(/^2026-03-01/),
    },
  ]);
  const { stdout } = await rig.refit('status', 'p');
  expect(stdout).toContain(`--now decision ${played.id} lies in the future, up to 2030-01-01 00:00`);
  expect(stdout).not.toContain('clock');
  expect((await rig.json(0, 'doctor')).problems).toEqual([]);
  rig.write({ 'p.txt': 'second' });
  setClock(rig, '2026-03-02T06:00:00Z');
  expect(await rig.json(0, 'retrain', 'p')).toMatchObject({ decision: 'retrain', outcome: 'published' });
  // What was asked about the played time still sees the played decision.
  expect((await rig.json(0, 'status', 'p', '--now', '2030-01-02')).pipelines[0].future_decisions).toEqual([]);
});

it('goes on under --now in a workspace that a clock ahead has written to', async () => {
  using rig = await trainedAhead('{ max_age: 20d }');
  setClock(rig, dayOf(60));
  rig.write({ 'data/b.csv': inputs(0, 42) });
  expect(await rig.json(0, 'retrain', 'watched', '--now', dayOf(1))).toMatchObject({ decision: 'wait', champion: 1 });
  expect(await rig.json(0, 'retrain', 'watched', '--now', dayOf(30))).toMatchObject({
    decision: 'retrain',
    champion: 1,
  });
});
