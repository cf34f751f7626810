import { expect, it } from 'vitest';
import { seededNormal } from '../../src/statistics/random.js';
import { createRig, type Document } from '../support/rig.js';

const HOUR_MS = 3_600_000;

/** Hourly rows from one day to another; sales rise in the second half of December, by so much. */
function sales(seed: number, from: string, to: string, rise: number, always = 0): string {
  const normal = seededNormal(seed);
  const lines = ['at,sales,shop'];
  for (let at = Date.parse(from); at < Date.parse(to); at += HOUR_MS) {
    const moment = new Date(at).toISOString();
    const isSeason = moment.slice(5, 7) === '12' && Number(moment.slice(8, 10)) >= 15;
    lines.push(`${moment},${(normal() + (isSeason ? rise : 0) + always).toFixed(4)},${'ab'[(at / HOUR_MS) % 2]}`);
  }
  return `${lines.join('\n')}\n`;
}

const feature = (document: Document) => document.features.find((one: Document) => one.name === 'sales');

it('calls a change that the same weeks of the year before show no drift, and a larger change drift', async () => {
  using rig = createRig({
    'a.csv': sales(1, '2024-01-01', '2025-01-01', 1.2),
    'christmas.csv': sales(2, '2025-12-15', '2025-12-29', 1.2),
    'more.csv': sales(3, '2025-12-15', '2025-12-29', 2.4),
    'none.csv': sales(4, '2025-12-15', '2025-12-29', 0),
    'may.csv': sales(5, '2025-05-05', '2025-05-19', 0, 1.2),
  });
  const check = (exit: number, current: string) =>
    rig.json(exit, 'check-drift', '--reference', 'a.csv', '--current', current, '--time', 'at');
  const same = await check(0, 'christmas.csv');
  expect(same).toMatchObject({ verdict: 'stable', drifted: 0, total: 2 });
  expect(feature(same).detail).toMatch(
    /^it is 0\.\d+ from the whole reference \(ks\), and as in the same weeks a year before, 2024-12-16 to 2024-12-29$/,
  );
  expect(feature(same).score).toBeLessThan(feature(same).threshold);
  expect(feature(await check(3, 'more.csv'))).toMatchObject({ verdict: 'drift' });
  expect(feature(await check(0, 'none.csv'))).toMatchObject({ verdict: 'stable' });
  expect(feature(await check(3, 'may.csv'))).toMatchObject({ verdict: 'drift' });
});

it('does so for a pipeline whose champion was trained on that year', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
datasets: { sales: { path: "data/*.csv", time: at } }
steps:
  copy: { run: cp data/2024.csv rows.csv, inputs: ["\${{ datasets.sales }}"], outputs: [rows.csv] }
monitor: { reference: rows.csv, current: { dataset: sales, window: 14d } }
`,
    'data/2024.csv': sales(1, '2024-01-01', '2025-01-01', 1.2),
  });
  await rig.json(0, 'run', 'p', '--now', '2025-01-01');
  rig.write({ 'data/2025.csv': sales(2, '2025-12-10', '2025-12-29', 1.2) });
  const report = await rig.json(0, 'check-drift', 'p', '--now', '2025-12-29');
  expect(feature(report).detail).toContain('as in the same weeks a year before');
  // The column's line shows the distance from those weeks, so the table alone would name the wrong reference.
  expect((await rig.refit('check-drift', 'p', '--now', '2025-12-29')).stdout).toContain(
    `sales: ${feature(report).detail}`,
  );
});

it('adds the same weeks of the year before to a reference that has not reached back so far, and the decision says so', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
datasets: { sales: { path: "data/*.csv", time: at } }
steps:
  extract: { run: cp data/autumn.csv rows.csv, inputs: ["\${{ datasets.sales }}"], outputs: [rows.csv] }
  train: { run: cp rows.csv p.model, inputs: [rows.csv], outputs: [p.model] }
model: { path: p.model, gate: [{ smoke: "true" }], first: accept }
monitor: { reference: rows.csv, current: { dataset: sales, window: 14d } }
retrain: { when: { data_drift: { share: 0.5 } } }
`,
    'data/2024.csv': sales(1, '2024-11-01', '2025-01-15', 1.2),
    'data/autumn.csv': sales(2, '2025-09-01', '2025-12-01', 1.2),
  });
  await rig.json(0, 'retrain', 'p', '--now', '2025-12-01');
  rig.write({ 'data/winter.csv': sales(3, '2025-12-10', '2025-12-29', 1.2) });
  const wait = await rig.json(0, 'retrain', 'p', '--now', '2025-12-29');
  expect(wait).toMatchObject({ decision: 'wait', drift: { verdict: 'stable' } });
  expect(wait.because.detail).toBe(
    '0 of 2 columns drifted, sales as in the same weeks of an earlier year, 2024-12-16 to 2024-12-29, which are part of the reference',
  );
  expect(feature(wait.drift).detail).toContain('2024-12-16 to 2024-12-29, which count as part of it');
  // Without that history the same rise is drift.
  rig.remove('data/2024.csv');
  expect(await rig.json(0, 'retrain', 'p', '--now', '2025-12-29', '--dry-run')).toMatchObject({ decision: 'retrain' });
});
