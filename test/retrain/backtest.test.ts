import { expect, it } from 'vitest';
import { seededRandom } from '../../src/statistics/random.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-05');
const dayOf = (day: number): string => new Date(START + day * DAY_MS).toISOString().slice(0, 10);

/** A rate of yes by kind that turns round on day 40: a model trained before is then worse than a coin. */
function world(days: number, turn = 40): string {
  const uniform = seededRandom(7);
  const lines = Array.from({ length: days * 100 }, (_, i) => {
    const day = Math.floor(i / 100);
    const at = new Date(START + day * DAY_MS + (i % 100) * 60_000).toISOString().slice(0, 19);
    const kind = Math.floor(uniform() * 4);
    const rate = day < turn ? 0.2 + 0.2 * kind : 0.8 - 0.2 * kind;
    return `${at},${kind},${uniform() < rate ? 1 : 0}`;
  });
  return `at,kind,yes\n${lines.join('\n')}\n`;
}

const pipeline = (when: string): string => `pipeline: turn
datasets: { rows: { path: "data/*.csv", time: at } }
steps:
  extract:
    run: node steps.mjs extract \${{ now }} \${{ trigger.since }} \${{ datasets.rows }}
    inputs: [steps.mjs, "\${{ datasets.rows }}"]
    outputs: [work/train.csv, work/test.csv]
  train:
    run: node steps.mjs train
    inputs: [steps.mjs, work/train.csv]
    outputs: [work/model.json]
model:
  path: work/model.json
  evaluate:
    run: node steps.mjs evaluate \${{ model.path }} \${{ evaluation.path }}
    inputs: [steps.mjs, work/test.csv]
  gate: [{ metric: auc, min: 0.01 }]
  publish: { path: serving/turn }
monitor:
  reference: work/train.csv
  current: { dataset: rows, window: 14d }
  predictions: { path: "logs/*.jsonl", time: at, prediction: p }
retrain:
  when: ${when}
`;

/** Trains on three weeks, or on the time since the world changed; is tested on the last week. */
const STEPS = `import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
const [what, ...args] = process.argv.slice(2);
const read = (file) => readFileSync(file, 'utf8').trim().split('\\n').slice(1).map((line) => line.split(','));
const write = (file, rows) => writeFileSync(file, ['at,kind,yes', ...rows.map((row) => row.join(','))].join('\\n') + '\\n');
if (what === 'extract') {
  const now = Date.parse(args[0]);
  const rows = args.slice(2).flatMap(read);
  const days = args[1] === '' ? 21 : (now - Date.parse(args[1])) / 864e5;
  const between = (from, to) => rows.filter(([at]) => Date.parse(at + 'Z') >= now - from * 864e5 && Date.parse(at + 'Z') < now - to * 864e5);
  write('work/train.csv', between(days, 0));
  write('work/test.csv', between(7, 0));
}
if (what === 'train') {
  const rates = {};
  for (const kind of ['0', '1', '2', '3']) {
    const own = read('work/train.csv').filter((row) => row[1] === kind);
    rates[kind] = own.filter((row) => row[2] === '1').length / own.length;
  }
  writeFileSync('work/model.json', JSON.stringify(rates));
}
if (what === 'evaluate') {
  const rates = JSON.parse(readFileSync(args[0], 'utf8'));
  const rows = read('work/test.csv').map((row) => ({ label: Number(row[2]), p: rates[row[1]] }));
  const [yes, no] = [rows.filter((one) => one.label === 1), rows.filter((one) => one.label === 0)];
  let wins = 0;
  for (const a of yes) for (const b of no) wins += a.p > b.p ? 1 : a.p === b.p ? 0.5 : 0;
  writeFileSync(join(dirname(args[1]), 'p.csv'), ['label,prediction', ...rows.map((one) => one.label + ',' + one.p)].join('\\n') + '\\n');
  writeFileSync(args[1], JSON.stringify({ auc: wins / (yes.length * no.length), predictions: 'p.csv' }));
}`;

const rigOf = (when: string, days = 90): Rig =>
  createRig({
    'pipelines/turn.yaml': pipeline(when),
    'steps.mjs': STEPS,
    'data/all.csv': world(days),
    'work/.keep': '',
  });

const replay = (rig: Rig, ...more: readonly string[]): Promise<Document> =>
  rig.json(0, 'backtest', 'turn', '--from', dayOf(21), '--to', dayOf(84), '--every', '7d', ...more);

it('replays the policy with real training beside simpler ones, and leaves registry and serving as they are', async () => {
  using rig = rigOf('{ max_age: 14d }');
  await rig.json(0, 'retrain', 'turn', '--now', dayOf(21));
  const before = [
    rig.files('serving'),
    rig.query('SELECT count(*) AS n FROM retrain_decision'),
    rig.read('work/model.json'),
  ];
  const { policies, metric, cached } = await replay(rig, '--calendar', '28d');
  expect({ metric, cached }).toEqual({ metric: 'auc', cached: false });
  const by = Object.fromEntries(policies.map((one: Document) => [one.name, one]));
  expect(Object.keys(by)).toEqual(['policy', 'never', 'every', 'every-drift']);
  expect([by.policy.trainings, by.never.trainings, by.every.trainings]).toEqual([5, 1, 3]);
  for (const { ticks } of policies) expect(ticks.map((one: Document) => one.at.slice(0, 10))).toHaveLength(10);
  // the first model knows the old world only: it is wrong in the new one, as it was right in the old one
  const aucs = (name: string): number[] => by[name].ticks.map((one: Document) => one.metrics.auc);
  expect(aucs('never')[1]).toBeGreaterThan(0.6);
  expect(aucs('never').at(-1)).toBeLessThan(0.4);
  expect(aucs('policy').at(-1)).toBeGreaterThan(0.6);
  expect(by.policy.mean).toBeGreaterThan(by.never.mean);
  expect(by.policy.ticks[2]).toMatchObject({
    decision: 'retrain',
    outcome: 'published',
    trained_at: `${dayOf(21)}T00:00:00.000Z`,
  });
  expect([
    rig.files('serving'),
    rig.query('SELECT count(*) AS n FROM retrain_decision'),
    rig.read('work/model.json'),
  ]).toEqual(before);
}, 300_000);

it('returns the stored result if nothing has changed, and replays again if something has', async () => {
  using rig = rigOf('{ max_age: 28d }');
  const first = await replay(rig);
  const again = await replay(rig);
  expect(again).toMatchObject({ cached: true, policies: first.policies });
  expect(again.duration_ms).toBeLessThan(first.duration_ms / 4);
  const shown = await rig.refit('backtest', 'turn', '--from', dayOf(21), '--to', dayOf(84), '--every', '7d');
  expect(shown.stdout).toMatch(/never\s+[▁-█ ]+/);
  expect(shown.stdout).toContain('nothing has changed');
  rig.write({ 'data/all.csv': world(90, 60) });
  expect(await replay(rig)).toMatchObject({ cached: false });
}, 300_000);

it('lets a performance trigger use the predictions of its own models', async () => {
  using rig = rigOf('{ performance: { metric: auc, drop: 0.05, window: 7d } }');
  const { policies } = await replay(rig);
  const [own, never] = policies;
  const fired = own.ticks
    .filter((one: Document) => one.outcome === 'published')
    .map((one: Document) => one.at.slice(0, 10));
  expect(fired[0]).toBe(dayOf(21));
  // the world turned on day 40: the week to day 42 holds two bad days, the next one nothing but
  expect([dayOf(42), dayOf(49)]).toContain(fired[1]);
  expect(own.ticks.find((one: Document) => one.at.startsWith(fired[1])).summary).toContain('performance');
  expect(own.mean).toBeGreaterThan(never.mean);
}, 300_000);

it('replays a performance trigger of a pipeline with segments, and says where evaluate writes no predictions', async () => {
  using rig = rigOf('{ performance: { metric: auc, drop: 0.05, window: 7d } }');
  const yaml = rig.read('pipelines/turn.yaml').replace('monitor:\n', 'monitor:\n  segments: [kind, "a, b"]\n');
  const withSlices = STEPS.replace("['label,prediction',", `['label,prediction,kind,"a, b"',`)
    .replace("one.label + ',' + one.p", "one.label + ',' + one.p + ',' + one.kind + ',\"x, y\"'")
    .replace('p: rates[row[1]] }', 'p: rates[row[1]], kind: row[1] }');
  rig.write({ 'pipelines/turn.yaml': yaml, 'steps.mjs': withSlices });
  const { policies } = await replay(rig);
  expect(policies[0].trainings).toBeGreaterThan(1);
  rig.write({ 'steps.mjs': withSlices.replace(", predictions: 'p.csv'", '') });
  const without = await rig.refit('backtest', 'turn', '--from', dayOf(21), '--to', dayOf(84), '--every', '7d');
  expect([without.exit, without.stderr]).toEqual([
    1,
    expect.stringContaining('the performance trigger of the replayed policy'),
  ]);
}, 300_000);

it('says what is wrong on the command line, and what a pipeline lacks', async () => {
  using rig = rigOf('{ max_age: 14d }');
  expect((await rig.refit('backtest', 'turn', '--from', dayOf(9), '--to', dayOf(2), '--every', '7d')).exit).toBe(2);
  expect((await rig.refit('backtest', 'turn', '--from', 'soon', '--to', dayOf(2), '--every', '7d')).exit).toBe(2);
  rig.write({ 'pipelines/bare.yaml': 'pipeline: bare\nsteps: { a: { run: echo, outputs: [a.txt] } }\nmodel: a.txt\n' });
  const bare = await rig.refit('backtest', 'bare', '--from', dayOf(2), '--to', dayOf(9), '--every', '7d');
  expect(bare).toMatchObject({ exit: 2 });
  expect(bare.stderr).toContain('model.evaluate');
});
