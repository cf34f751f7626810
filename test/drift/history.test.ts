import { expect, it } from 'vitest';
import { seededNormal } from '../../src/statistics/random.js';
import { createRig } from '../support/rig.js';

const PIPELINE = `pipeline: world
datasets: { days: { path: "data/*.csv", time: at } }
steps:
  extract: { run: cp source.csv rows.csv, inputs: [source.csv], outputs: [rows.csv] }
  train: { run: cp rows.csv model.csv, inputs: [rows.csv], outputs: [model.csv] }
model: { path: model.csv }
monitor: { reference: rows.csv, current: { dataset: days, window: 7d } }
`;

const DAY_MS = 86_400_000;
/** Later than the clock: a moment before a version was made knows nothing of it. */
const START = Date.parse('2051-01-01');

/** 100 rows a day whose mean is given by day. */
function days(count: number, mean: (day: number) => number): string {
  const normal = seededNormal(count);
  const lines = Array.from({ length: count * 100 }, (_, i) => {
    const day = Math.floor(i / 100);
    const at = new Date(START + day * DAY_MS + (i % 100) * 60_000).toISOString().slice(0, 19);
    return `${at},${mean(day) + normal()},${'abc'[i % 3]}`;
  });
  return `at,x,kind\n${lines.join('\n')}\n`;
}

const at = (day: number): string => new Date(START + day * DAY_MS).toISOString();

it('says since when a column drifts, and whether it moves in one direction', async () => {
  using rig = createRig({
    'pipelines/world.yaml': PIPELINE,
    'source.csv': days(7, () => 0),
    'data/all.csv': days(60, (day) => (day < 28 ? 0 : 1.5)),
  });
  await rig.json(0, 'run', 'world');
  for (const day of [7, 14, 21, 28]) await rig.json(0, 'check-drift', 'world', '--now', at(day));
  const early = (await rig.json(3, 'check-drift', 'world', '--now', at(35))).features[0];
  expect(early).toMatchObject({ name: 'x', verdict: 'drift', movement: 'trend', since: at(28) });
  await rig.json(3, 'check-drift', 'world', '--now', at(42));
  const late = (await rig.json(3, 'check-drift', 'world', '--now', at(49))).features[0];
  expect(late).toMatchObject({ movement: 'trend', since: at(28) });
  expect(late.magnitude).toBeGreaterThan(0.4);
  expect(late.path_length).toBeLessThan(1.5 * late.magnitude);
});

it('recognises a column that oscillates', async () => {
  using rig = createRig({
    'pipelines/world.yaml': PIPELINE,
    'source.csv': days(7, () => 0),
    'data/all.csv': days(60, (day) => (Math.floor(day / 7) % 2 === 0 ? 1 : -1)),
  });
  await rig.json(0, 'run', 'world');
  for (const day of [7, 14, 21, 28]) await rig.json(3, 'check-drift', 'world', '--now', at(day));
  expect((await rig.json(3, 'check-drift', 'world', '--now', at(35))).features[0]).toMatchObject({
    movement: 'oscillation',
  });
});

it("names the earlier version whose data is closer to the current window than the champion's", async () => {
  using rig = createRig({
    'pipelines/world.yaml': PIPELINE,
    'source.csv': days(7, () => 0),
    'data/all.csv': days(60, () => 0),
  });
  await rig.json(0, 'run', 'world');
  expect((await rig.json(0, 'check-drift', 'world', '--now', at(20))).nearest_version).toBe(null);
  rig.write({ 'source.csv': days(8, () => 2) });
  await rig.json(0, 'run', 'world');
  await rig.json(0, 'promote', 'world@2', '--reason', 'newer');
  const document = await rig.json(3, 'check-drift', 'world', '--now', at(28));
  expect(document.nearest_version).toMatchObject({ model: 'world', version: 1, clearly_closer: true });
  expect(document.nearest_version.distance).toBeLessThan(document.nearest_version.champion_distance);
  expect(document.detail).toContain('rolling back may beat retraining');
});

it('never advises a version that somebody rolled back from', async () => {
  using rig = createRig({
    'pipelines/world.yaml': PIPELINE,
    'source.csv': days(7, () => 2),
    'data/all.csv': days(60, () => 0),
  });
  await rig.json(0, 'run', 'world');
  await rig.json(0, 'promote', 'world@1', '--reason', 'first');
  rig.write({ 'source.csv': days(8, () => 0) });
  await rig.json(0, 'run', 'world');
  const nearest = async () => (await rig.json(3, 'check-drift', 'world', '--now', at(28))).nearest_version;
  expect(await nearest()).toMatchObject({ version: 2, clearly_closer: true });
  await rig.json(0, 'promote', 'world@2', '--reason', 'newer');
  await rig.json(0, 'rollback', 'world', '--reason', 'customers complain');
  expect(await nearest()).toBeNull();
});

it.each([
  ['the gate refused', 'gate'],
  ['a person rejected', 'person'],
])('never advises a version that %s', async (_, by) => {
  const judged = `{ path: model.csv, gate: [n >= ${by === 'gate' ? 750 : 1}], approval: manual }`;
  using rig = createRig({
    'pipelines/world.yaml': PIPELINE.replace('{ path: model.csv }', judged).replace(
      'cp rows.csv model.csv, inputs: [rows.csv], outputs: [model.csv]',
      `"cp rows.csv model.csv; echo '{\\"n\\":'$(wc -l < rows.csv)'}' > n.json", inputs: [rows.csv], outputs: [model.csv], metrics: n.json`,
    ),
    'source.csv': days(8, () => 2),
    'data/all.csv': days(60, () => 0),
  });
  await rig.json(0, 'run', 'world');
  await rig.json(0, 'approve', 'world@1', '--reason', 'first');
  rig.write({ 'source.csv': days(7, () => 0) });
  await rig.json(0, 'run', 'world');
  if (by === 'person') await rig.json(0, 'reject', 'world@2', '--reason', 'too few rows');
  const { nearest_version, detail } = await rig.json(3, 'check-drift', 'world', '--now', at(28));
  expect([nearest_version, detail ?? '']).toEqual([null, expect.not.stringContaining('may beat')]);
});
