import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { LARGE_ROWS, monitoring, rowsSql, writeTables } from './large-windows.js';

const check = (rig: Rig, exit: number, name = 'p'): Promise<Document> =>
  rig.json(exit, 'check-drift', name, '--now', '2026-01-21');
const kept = (rig: Rig): number => rig.query("SELECT count(*) AS n FROM table_profile WHERE kind LIKE 'part%'")[0].n;

it('profiles the large files of a window once each, and judges as one scan does', async () => {
  using rig = createRig({
    'pipelines/p.yaml': monitoring('p', 'data/*.parquet'),
    'pipelines/one.yaml': monitoring('one', 'one/all.parquet'),
  });
  const days = {
    'data/a.parquet': rowsSql(1, 10, 5, LARGE_ROWS),
    'data/b.parquet': rowsSql(2, 15, 5, LARGE_ROWS, 0.12),
  };
  await writeTables(rig, {
    'reference.parquet': rowsSql(9, 0, 10, LARGE_ROWS),
    ...days,
    'one/all.parquet': `SELECT * FROM (${days['data/a.parquet']}) UNION ALL SELECT * FROM (${days['data/b.parquet']})`,
  });
  for (const name of ['p', 'one']) await rig.json(0, 'run', name, '--now', '2026-01-11');
  expect(kept(rig)).toBe(0);
  const apart = await check(rig, 0);
  expect(kept(rig)).toBe(2);
  const together = await check(rig, 0, 'one');
  expect(kept(rig)).toBe(3);
  expect(apart.current).toMatchObject({ rows: 2 * LARGE_ROWS, from: together.current.from, to: together.current.to });
  const figures = (report: Document) =>
    report.features.map(({ name, method, score, threshold, p_value, verdict }: Document) => [
      name,
      method,
      score,
      threshold,
      p_value,
      verdict,
    ]);
  expect(figures(apart)).toEqual(figures(together));
  // a second look finds both, a new file costs only itself
  const again = await check(rig, 0);
  expect(figures(again)).toEqual(figures(apart));
  await writeTables(rig, { 'data/c.parquet': rowsSql(3, 15, 5, LARGE_ROWS, 0.5) });
  expect(await check(rig, 3)).toMatchObject({ current: { rows: 3 * LARGE_ROWS } });
  expect(kept(rig)).toBe(4);
});

it('keeps one profile of a file whose time changed but not its content, and stops reading it', async () => {
  using rig = createRig({ 'pipelines/p.yaml': monitoring('p', 'data/*.parquet') });
  await writeTables(rig, {
    'reference.parquet': rowsSql(9, 0, 10, LARGE_ROWS),
    'data/a.parquet': rowsSql(1, 10, 5, LARGE_ROWS),
  });
  await rig.json(0, 'run', 'p', '--now', '2026-01-11');
  const first = await check(rig, 0);
  utimesSync(join(rig.root, 'data/a.parquet'), 1e9, 1e9);
  const touched = await check(rig, 0);
  expect(touched.features).toEqual(first.features);
  expect(kept(rig)).toBe(1);
});

it('reads a file again that crosses the beginning of the window, and one that has changed', async () => {
  using rig = createRig({ 'pipelines/p.yaml': monitoring('p', 'data/*.parquet') });
  await writeTables(rig, {
    'reference.parquet': rowsSql(9, 0, 10, LARGE_ROWS),
    // half of it before the window, which begins with the 11th
    'data/a.parquet': rowsSql(1, 8, 5, LARGE_ROWS),
    'data/b.parquet': rowsSql(2, 13, 5, LARGE_ROWS),
  });
  await rig.json(0, 'run', 'p', '--now', '2026-01-11');
  const first = await check(rig, 0);
  expect(first.current.from).toBe('2026-01-11T00:00:00.000Z');
  expect(first.current.rows).toBe(LARGE_ROWS + (LARGE_ROWS * 3) / 5);
  await writeTables(rig, { 'data/b.parquet': rowsSql(2, 13, 5, LARGE_ROWS, 0.9) });
  expect((await check(rig, 3)).features[0].name).toBe('n0');
});

it('reads a touched file for one question while another stops reading it: retrain asks two at once', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
datasets: { rows: { path: "data/*.parquet", time: at } }
steps:
  copy:
    run: cp reference.parquet p.parquet && echo m > model.txt
    inputs: [reference.parquet]
    outputs: [p.parquet, model.txt]
model: model.txt
monitor: { reference: p.parquet, current: { dataset: rows, window: 10d } }
retrain: { when: { schedule: "0 3 * * 1" } }
`,
  });
  await writeTables(rig, {
    'reference.parquet': rowsSql(9, 0, 10, LARGE_ROWS),
    'data/a.parquet': rowsSql(1, 10, 5, LARGE_ROWS),
    'data/b.parquet': rowsSql(2, 15, 5, LARGE_ROWS),
  });
  await rig.json(0, 'run', 'p', '--now', '2026-01-11');
  await rig.json(0, 'promote', 'p@1', '--reason', 'the first');
  await check(rig, 0);
  // kept for drift, not yet for the rules of the data
  const parts = kept(rig);
  const touched = new Date(Date.now() - 3_600_000);
  for (const name of ['a', 'b']) utimesSync(join(rig.root, `data/${name}.parquet`), touched, touched);
  const decided = await rig.json(0, 'retrain', 'p', '--now', '2026-01-21', '--dry-run');
  expect(decided.decision).toBe('retrain');
  expect(kept(rig)).toBeGreaterThan(parts);
});
