import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

/** Rows of a day each, `late` drawn by a fixed rule; `scale` multiplies the distance. */
function rows(from: string, days: number, scale = 1): string {
  const start = Date.parse(from);
  const lines = Array.from({ length: days * 40 }, (_, i) => {
    const at = new Date(start + Math.floor(i / 40) * 86_400_000 + (i % 40) * 1_800_000).toISOString().slice(0, 19);
    const distance = (100 + ((i * 7919) % 1000)) * scale;
    return `${at},${distance},${['ATL', 'ORD', 'DFW'][i % 3]},${(i * 31) % 5 === 0 ? 1 : 0}`;
  });
  return `at,distance,origin,late\n${lines.join('\n')}\n`;
}

const PIPELINE = `pipeline: trips
datasets:
  trips: { path: "data/*.csv", time: at, checks: { freshness: 2d } }
steps:
  extract:
    run: node extract.mjs \${{ outputs.rows }} \${{ datasets.trips }}
    inputs: [extract.mjs, "\${{ datasets.trips }}"]
    outputs: { rows: work/rows.csv }
  train:
    run: node train.mjs
    inputs: [train.mjs, work/rows.csv]
    outputs: [work/model.json]
model:
  path: work/model.json
  evaluate:
    run: node evaluate.mjs \${{ model.path }} \${{ evaluation.path }}
    inputs: [evaluate.mjs, work/rows.csv]
  gate:
    - auc >= 0.6
    - { metric: auc, against: champion, max_regression: 0.01 }
  publish: { path: serving/trips, keep: 2 }
monitor:
  reference: work/rows.csv
  current: { dataset: trips, window: 28d, prepare: extract }
retrain:
  when: { any: [{ new_data: { dataset: trips, rows: 500 } }] }
  cooldown: 12h
`;

const EXTRACT = `import { readFileSync, writeFileSync } from 'node:fs';
const [out, ...files] = process.argv.slice(2);
const tables = files.map((file) => readFileSync(file, 'utf8').trim().split('\\n'));
writeFileSync(out, [tables[0][0], ...tables.flatMap(([, ...rows]) => rows)].join('\\n') + '\\n');`;
const TRAIN = `import { readFileSync, writeFileSync } from 'node:fs';
const rows = readFileSync('work/rows.csv', 'utf8').trim().split('\\n').length - 1;
writeFileSync('work/model.json', JSON.stringify({ rows, auc: 0.7 }));`;
const EVALUATE = `import { readFileSync, writeFileSync } from 'node:fs';
const [model, out] = process.argv.slice(2);
writeFileSync(out, JSON.stringify({ auc: JSON.parse(readFileSync(model, 'utf8')).auc }));`;

const trips = (): Rig =>
  createRig({
    'pipelines/trips.yaml': PIPELINE,
    'extract.mjs': EXTRACT,
    'train.mjs': TRAIN,
    'evaluate.mjs': EVALUATE,
    'data/01.csv': rows('2026-01-01', 31),
  });

it('trains without a champion, waits without a reason, retrains on new data and publishes', async () => {
  using rig = trips();
  const first = await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  expect(first).toMatchObject({
    decision: 'retrain',
    because: { condition: 'no-champion' },
    outcome: 'published',
    promotion: { from: null, to: 1 },
  });
  expect(await rig.json(0, 'retrain', 'trips', '--now', '2026-02-02')).toMatchObject({ decision: 'wait', run: null });
  rig.write({ 'data/02.csv': rows('2026-02-01', 28) });
  const second = await rig.json(0, 'retrain', 'trips', '--now', '2026-03-01');
  expect(second).toMatchObject({
    decision: 'retrain',
    run: { trigger: { kind: 'new_data', measured: 1120, threshold: 500 } },
    promotion: { from: 1, to: 2 },
  });
  expect(JSON.parse(rig.read('serving/trips/current/model.json')).rows).toBe(31 * 40 + 28 * 40);
  const decision = await rig.json(0, 'why', second.id);
  expect(decision).toMatchObject({ decision: 'retrain', outcome: { outcome: 'published', to: 2 } });
  expect((await rig.refit('retrain', 'trips', '--now', '2026-02-15')).exit).toBe(2);
});

it('holds on distances in another unit, names the repair, trains nothing, and continues when the file is fixed', async () => {
  using rig = trips();
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.write({ 'data/02.csv': rows('2026-02-01', 28, 1.609344) });
  const held = await rig.json(4, 'retrain', 'trips', '--now', '2026-03-01');
  expect(held).toMatchObject({ decision: 'hold', run: null, promotion: null });
  expect(held.drift.data_bugs).toEqual([
    expect.objectContaining({ column: 'distance', kind: 'scaled', repair: expect.stringContaining('1.609344') }),
  ]);
  expect(held.drift.features.find((one: { name: string }) => one.name === 'distance').verdict).toBe('finding');
  expect((await rig.json(4, 'check-drift', 'trips', '--now', '2026-03-01')).data_bugs).toHaveLength(1);
  expect((await rig.json(4, 'retrain', 'trips', '--now', '2026-03-01', '--force')).decision).toBe('hold');
  expect((await rig.json(0, 'status')).pipelines[0].open_findings).toHaveLength(1);
  rig.write({ 'data/02.csv': rows('2026-02-01', 28) });
  expect(await rig.json(0, 'retrain', 'trips', '--now', '2026-03-02')).toMatchObject({
    decision: 'retrain',
    outcome: 'published',
  });
});

it('lets a person call a finding normal, and remembers it', async () => {
  using rig = trips();
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.write({ 'data/02.csv': rows('2026-02-01', 28, 1.609344) });
  const held = await rig.json(4, 'retrain', 'trips', '--now', '2026-03-01');
  const [id] = held.because.of.map((one: { measured: string }) => one.measured);
  expect((await rig.refit('resolve', 'f-00000000', '--as', 'normal', '--reason', 'x')).exit).toBe(2);
  await rig.json(0, 'resolve', id, '--as', 'normal', '--reason', 'a slip');
  await rig.json(0, 'resolve', id, '--as', 'bug', '--reason', 'it is one');
  expect((await rig.json(0, 'status')).pipelines[0].open_findings).toHaveLength(1);
  await rig.json(0, 'resolve', id, '--as', 'normal', '--reason', 'we measure in kilometres now');
  expect((await rig.json(0, 'retrain', 'trips', '--now', '2026-03-01')).decision).toBe('retrain');
});

it('holds on a stale feed, and on a dry run records nothing', async () => {
  using rig = trips();
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  const stale = await rig.json(4, 'retrain', 'trips', '--now', '2026-02-20', '--dry-run');
  expect(stale).toMatchObject({ decision: 'hold', id: null });
  expect(stale.data[0].problems).toEqual([expect.objectContaining({ code: 'stale' })]);
  const drift = await rig.json(4, 'check-drift', 'trips', '--now', '2026-02-20');
  expect(drift.verdict).not.toBe('stable');
  expect(drift.data_bugs).toEqual([expect.objectContaining({ kind: 'stale' })]);
  expect((await rig.json(0, 'retrain', 'trips', '--now', '2026-02-02')).decision).toBe('wait');
});

it('does not publish what the gate refuses, says by which check, and does not try the same data again', async () => {
  using rig = trips();
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.write({ 'data/02.csv': rows('2026-02-01', 28), 'train.mjs': TRAIN.replace('0.7', '0.65') });
  const refused = await rig.json(5, 'retrain', 'trips', '--now', '2026-03-01');
  expect(refused).toMatchObject({
    decision: 'retrain',
    outcome: 'gate-refused',
    promotion: null,
    gate: { verdict: 'fail' },
  });
  const failed = refused.gate.checks.filter((check: { verdict: string }) => check.verdict === 'fail');
  expect(failed).toEqual([expect.objectContaining({ name: 'auc against champion, max_regression 0.01' })]);
  expect(JSON.parse(rig.read('serving/trips/current/refit.json')).version).toBe(1);
  expect((await rig.json(0, 'retrain', 'trips', '--now', '2026-03-02')).decision).toBe('wait');
  expect((await rig.json(5, 'promote', 'trips@2', '--reason', 'please')).promotion).toBeNull();
  const forced = await rig.json(0, 'promote', 'trips@2', '--reason', 'the old one is illegal', '--force');
  expect(forced.promotion).toMatchObject({ from: 1, to: 2, forced: true });
  const back = await rig.json(0, 'rollback', 'trips', '--reason', 'worse after all');
  expect(back.promotion).toMatchObject({ kind: 'rollback', from: 2, to: 1 });
  expect(JSON.parse(rig.read('serving/trips/current/refit.json')).version).toBe(1);
});

it('registers nothing when a step fails, says so, and pauses after as many failures as declared', async () => {
  using rig = trips();
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.write({
    'data/02.csv': rows('2026-02-01', 28),
    'train.mjs': 'process.exit(9)',
    'pipelines/trips.yaml': `${PIPELINE.replace('cooldown: 12h', 'pause_after_failures: 1')}`,
  });
  expect(await rig.json(1, 'retrain', 'trips', '--now', '2026-03-01')).toMatchObject({
    outcome: 'failed',
    model_version: null,
  });
  expect((await rig.json(1, 'retrain', 'trips', '--now', '2026-03-02')).decision).toBe('paused');
  rig.write({ 'train.mjs': TRAIN });
  expect((await rig.json(0, 'retrain', 'trips', '--now', '2026-03-02', '--force')).outcome).toBe('published');
});

it('hides rows at and after --now from steps, counts and windows', async () => {
  using rig = trips();
  rig.write({ 'data/02.csv': rows('2026-02-01', 28) });
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-11');
  expect(JSON.parse(rig.read('serving/trips/current/model.json')).rows).toBe(31 * 40 + 10 * 40);
  const wait = await rig.json(0, 'retrain', 'trips', '--now', '2026-02-13');
  expect(wait.because.of[0]).toMatchObject({ condition: 'new_data', measured: 80 });
});

it('calls it a data bug when the files of the window are gone', async () => {
  using rig = trips();
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.remove('data/01.csv');
  const gone = await rig.json(4, 'check-drift', 'trips', '--now', '2026-02-02');
  expect(gone).toMatchObject({ verdict: 'undecided', data_bugs: [{ kind: 'empty' }] });
});

it('refuses moves before the last decision with --now, and never by the wall clock', async () => {
  using rig = trips();
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.write({ 'data/02.csv': rows('2026-02-01', 28) });
  await rig.json(0, 'retrain', 'trips', '--now', '2026-03-01');
  const moves = async () => (await rig.json(0, 'models', 'trips')).moves.map((move: Document) => [move.kind, move.to]);
  expect(await moves()).toEqual([
    ['promotion', 1],
    ['promotion', 2],
  ]);
  for (const [now, ...move] of [
    ['2020-01-01', 'promote', 'trips@1'],
    ['2020-01-01', 'rollback', 'trips', '--to', '1'],
    ['2020-01-01', 'rollback', 'trips'],
    ['2026-02-28T23:59:59Z', 'rollback', 'trips'],
  ] as const) {
    const early = await rig.refit(...move, '--reason', 'x', '--now', now);
    expect([early.exit, early.stderr]).toEqual([2, expect.stringContaining('lies before the last decision')]);
  }
  expect((await moves()).length).toBe(2);
  await rig.json(0, 'rollback', 'trips', '--reason', 'at that very moment', '--now', '2026-03-01');
  await rig.json(0, 'promote', 'trips@1', '--reason', 'by the clock');
  expect((await rig.refit('rollback', 'trips', '--to', '1', '--reason', 'it serves')).stderr).toContain(
    'serves already',
  );
});

it('retrains only where no other process works on the pipeline', async () => {
  using rig = trips();
  rig.write({
    'train.mjs': `${TRAIN}\nimport { existsSync } from 'node:fs';\nwriteFileSync('started', '');\nwhile (!existsSync('go')) await new Promise((done) => setTimeout(done, 20));`,
  });
  const first = rig.refit('run', 'trips', '--now', '2026-02-01');
  while (!rig.has('started')) await new Promise((done) => setImmediate(done));
  const second = await rig.refit('retrain', 'trips', '--now', '2026-02-01');
  expect(second.exit).toBe(6);
  expect(second.stderr).toContain('--wait');
  rig.write({ go: '' });
  expect((await first).exit).toBe(0);
});

it('counts new rows from the last training, not from a run of some steps only', async () => {
  using rig = trips();
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.write({ 'data/02.csv': rows('2026-02-01', 28) });
  await rig.json(0, 'run', 'trips', '--now', '2026-03-01', '--until', 'extract');
  expect(await rig.json(0, 'retrain', 'trips', '--now', '2026-03-01')).toMatchObject({
    decision: 'retrain',
    run: { trigger: { kind: 'new_data', measured: 1120 } },
  });
});

it('keeps a cooldown and a pause through any number of quiet ticks', async () => {
  using rig = trips();
  rig.write({ 'pipelines/trips.yaml': PIPELINE.replace('cooldown: 12h', 'cooldown: 60d') });
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.update(`WITH RECURSIVE tick(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM tick WHERE n < 1500)
    INSERT INTO retrain_decision SELECT 'd-tick-' || n, pipeline, 'wait', because_json, summary, actor, decided_at, now, champion
    FROM tick, retrain_decision WHERE decision = 'retrain'`);
  rig.write({ 'data/02.csv': rows('2026-02-01', 28) });
  const wait = await rig.json(0, 'retrain', 'trips', '--now', '2026-03-01');
  expect(wait).toMatchObject({ decision: 'wait', because: { of: [{ state: 'fired' }, { condition: 'cooldown' }] } });
});

it('does not publish a version again that a person rolled back, until a person promotes it', async () => {
  using rig = trips();
  rig.write({ 'data/1.csv': rows('2026-01-01', 31) });
  await rig.json(0, 'retrain', 'trips', '--now', '2026-02-01');
  rig.write({ 'data/2.csv': rows('2026-02-01', 28) });
  await rig.json(0, 'retrain', 'trips', '--now', '2026-03-01');
  await rig.json(0, 'rollback', 'trips', '--reason', 'customers complain', '--now', '2026-03-01T12:00:00Z');
  const again = await rig.json(0, 'retrain', 'trips', '--now', '2026-03-02', '--force');
  expect(again).toMatchObject({ outcome: 'rolled-back-before', promotion: null, model_version: 'trips@2' });
  await rig.json(0, 'promote', 'trips@2', '--reason', 'they were wrong', '--now', '2026-03-02T01:00:00Z');
  const once = (await rig.json(0, 'models', 'trips')).moves.length;
  await rig.json(0, 'promote', 'trips@2', '--reason', 'twice', '--now', '2026-03-02T02:00:00Z');
  expect((await rig.json(0, 'models', 'trips')).moves).toHaveLength(once);
});
