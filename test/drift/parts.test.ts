import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const PIPELINE = (name: string, path: string): string => `pipeline: ${name}
datasets: { rows: { path: "${path}", time: at } }
steps:
  copy: { run: cp reference.parquet ${name}.parquet, inputs: [reference.parquet], outputs: [${name}.parquet] }
monitor: { reference: ${name}.parquet, current: { dataset: rows, window: 10d } }
`;

/** Rows of consecutive days, 10 numbers each, so that a file of 300,000 is a large one. */
const rowsSql = (seed: number, day: number, days: number, rows: number, shift = 0): string =>
  `SELECT ${Array.from({ length: 9 }, (_, i) => `((hash(r * 64 + ${i} + ${seed}) % 1000003) / 1000003.0 + ${i === 0 ? shift : 0}) AS n${i}`).join(', ')},
     'v' || (hash(r * 64 + 63 + ${seed}) % 7) AS c,
     TIMESTAMP '2026-01-01' + to_seconds(((${day} + ${days} * r / ${rows}) * 86400)::BIGINT) AS at FROM range(${rows}) AS t(r)`;

async function write(rig: Rig, files: Readonly<Record<string, string>>): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [name, sql] of Object.entries(files)) {
    rig.write({ [name]: '' });
    await connection.run(`COPY (${sql}) TO '${join(rig.root, name)}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
}

const ROWS = 300_000;
const check = (rig: Rig, exit: number, name = 'p'): Promise<Document> =>
  rig.json(exit, 'check-drift', name, '--now', '2026-01-21');
const kept = (rig: Rig): number => rig.query("SELECT count(*) AS n FROM table_profile WHERE kind LIKE 'part%'")[0].n;

it('profiles the large files of a window once each, and judges as one scan does', async () => {
  using rig = createRig({
    'pipelines/p.yaml': PIPELINE('p', 'data/*.parquet'),
    'pipelines/one.yaml': PIPELINE('one', 'one/all.parquet'),
  });
  const days = { 'data/a.parquet': rowsSql(1, 10, 5, ROWS), 'data/b.parquet': rowsSql(2, 15, 5, ROWS, 0.12) };
  await write(rig, {
    'reference.parquet': rowsSql(9, 0, 10, ROWS),
    ...days,
    'one/all.parquet': `SELECT * FROM (${days['data/a.parquet']}) UNION ALL SELECT * FROM (${days['data/b.parquet']})`,
  });
  for (const name of ['p', 'one']) await rig.json(0, 'run', name, '--now', '2026-01-11');
  expect(kept(rig)).toBe(0);
  const apart = await check(rig, 0);
  expect(kept(rig)).toBe(2);
  const together = await check(rig, 0, 'one');
  expect(kept(rig)).toBe(3);
  expect(apart.current).toMatchObject({ rows: 2 * ROWS, from: together.current.from, to: together.current.to });
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
  await write(rig, { 'data/c.parquet': rowsSql(3, 15, 5, ROWS, 0.5) });
  expect(await check(rig, 3)).toMatchObject({ current: { rows: 3 * ROWS } });
  expect(kept(rig)).toBe(4);
});

it('keeps one profile of a file whose time changed but not its content, and stops reading it', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE('p', 'data/*.parquet') });
  await write(rig, { 'reference.parquet': rowsSql(9, 0, 10, ROWS), 'data/a.parquet': rowsSql(1, 10, 5, ROWS) });
  await rig.json(0, 'run', 'p', '--now', '2026-01-11');
  const first = await check(rig, 0);
  utimesSync(join(rig.root, 'data/a.parquet'), 1e9, 1e9);
  const touched = await check(rig, 0);
  expect(touched.features).toEqual(first.features);
  expect(kept(rig)).toBe(1);
});

it('reads a file again that crosses the beginning of the window, and one that has changed', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE('p', 'data/*.parquet') });
  await write(rig, {
    'reference.parquet': rowsSql(9, 0, 10, ROWS),
    // half of it before the window, which begins with the 11th
    'data/a.parquet': rowsSql(1, 8, 5, ROWS),
    'data/b.parquet': rowsSql(2, 13, 5, ROWS),
  });
  await rig.json(0, 'run', 'p', '--now', '2026-01-11');
  const first = await check(rig, 0);
  expect(first.current.from).toBe('2026-01-11T00:00:00.000Z');
  expect(first.current.rows).toBe(ROWS + (ROWS * 3) / 5);
  await write(rig, { 'data/b.parquet': rowsSql(2, 13, 5, ROWS, 0.9) });
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
  await write(rig, {
    'reference.parquet': rowsSql(9, 0, 10, ROWS),
    'data/a.parquet': rowsSql(1, 10, 5, ROWS),
    'data/b.parquet': rowsSql(2, 15, 5, ROWS),
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
