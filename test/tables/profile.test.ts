import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TableProfile } from '../../src/domain/data/profile.js';
import type { TableSource } from '../../src/domain/ports/datasets.js';
import { openDatasets } from '../support/datasets.js';

const folder = mkdtempSync(join(tmpdir(), 'refit-profile-'));
const datasets = openDatasets(folder);
afterAll(async () => {
  await datasets[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function profile(source: TableSource): Promise<TableProfile> {
  const found = await datasets.profile(source);
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value;
}

function files(tables: Readonly<Record<string, string>>): TableSource {
  const paths = Object.entries(tables).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
  return { from: { kind: 'files', paths } };
}

const rangesOf = ({ columns }: TableProfile) =>
  Object.fromEntries(columns.map((one) => [one.name, [one.numeric?.min, one.numeric?.max, one.missing]]));

describe('files of one dataset', () => {
  it.each([
    ['csv', ','],
    ['tsv', '\t'],
  ])('are joined by the names of their columns, in whatever order a %s has them', async (ending, delimiter) => {
    const table = (...lines: readonly string[]) => `${lines.join('\n').replaceAll(',', delimiter)}\n`;
    const found = await profile(
      files({ [`a.${ending}`]: table('x,y', '1,100', '2,200'), [`b.${ending}`]: table('y,x', '300,3', '400,4') }),
    );
    expect(rangesOf(found)).toEqual({ x: [1, 4, 0], y: [100, 400, 0] });
  });

  it('have a missing value where a file has no such column', async () => {
    const found = await profile(files({ 'c.csv': 'x,y\n1,100\n', 'd.csv': 'z,x\n7,2\n' }));
    expect(rangesOf(found)).toEqual({ x: [1, 2, 0], y: [100, 100, 1], z: [7, 7, 1] });
  });

  it('are joined by name across formats', async () => {
    const found = await profile(files({ 'e.csv': 'x,y\n1,100\n', 'f.jsonl': '{"y": 200, "x": 2}\n' }));
    expect(rangesOf(found)).toEqual({ x: [1, 2, 0], y: [100, 200, 0] });
  });
});

describe('the type of a column', () => {
  it.each([
    ['TINYINT', '1', 'integer'],
    ['UBIGINT', '1', 'integer'],
    ['HUGEINT', '1', 'integer'],
    ['DOUBLE', '1.5', 'number'],
    ['FLOAT', '1.5', 'number'],
    ['DECIMAL(18,3)', '1.5', 'number'],
    ['DECIMAL(4,1)', '1.5', 'number'],
    ['VARCHAR', "'a'", 'text'],
    ['UUID', "'b7e4c2c0-1111-4222-8333-444455556666'", 'text'],
    ["ENUM('a', 'b')", "'a'", 'text'],
    ['BOOLEAN', 'true', 'boolean'],
    ['DATE', "'2026-01-01'", 'timestamp'],
    ['TIME', "'12:00'", 'timestamp'],
    ['TIMESTAMP', "'2026-01-01'", 'timestamp'],
    ['TIMESTAMP WITH TIME ZONE', "'2026-01-01'", 'timestamp'],
    ['BLOB', "'a'", 'other'],
    ['INTEGER[]', '[1]', 'other'],
    ['TIMESTAMP[]', "['2026-01-01']", 'other'],
  ])('%s is known', async (sqlType, value, type) => {
    const { columns } = await profile({
      from: { kind: 'query', sql: `SELECT CAST(${value} AS ${sqlType}) AS x FROM range(3)` },
    });
    expect(columns).toMatchObject([{ name: 'x', type, rows: 3, missing: 0 }]);
    expect(columns[0]?.numeric !== undefined).toBe(type === 'integer' || type === 'number');
  });

  it('gives a DECIMAL column the statistics of numbers', async () => {
    const { columns } = await profile({
      from: { kind: 'query', sql: 'SELECT (r * 0.25)::DECIMAL(10,2) AS price FROM range(5) AS t(r)' },
    });
    expect(columns[0]).toMatchObject({ name: 'price', numeric: { min: 0, max: 1, mean: 0.5 } });
  });
});

describe('a window beside its reference', () => {
  const query = (sql: string): TableSource => ({ from: { kind: 'query', sql, name: 'q' } });
  async function windowOf(reference: string, current: string) {
    const before = await profile(query(reference));
    const found = await datasets.profile(query(current), before);
    if (!found.ok) throw new Error(JSON.stringify(found.error));
    return found.value.columns[0];
  }

  it('counts the values of the reference, however rare they have become', async () => {
    const frequent = "SELECT 'new' || (r % 1500) AS v FROM range(4500) AS t(r)";
    const old = "SELECT 'old' || (r % 3) AS v FROM range(300) AS t(r)";
    const rare = "SELECT unnest(['old0', 'old1', 'old1']) AS v";
    const window = await windowOf(old, `${frequent} UNION ALL ${rare}`);
    const counts = new Map(window?.categories?.top.map((one) => [one.value, one.count]));
    expect(window?.categories?.top).toHaveLength(1002);
    expect([counts.get('old0'), counts.get('old1'), counts.get('old2')]).toEqual([1, 2, undefined]);
    expect(window?.categories?.otherRows).toBe(500 * 3);
  });

  it.each([
    ["TIMESTAMP '2026-01-01'", 1],
    ["TIMESTAMP '2026-01-01' + to_days(r::INTEGER)", 2],
    ['NULL::TIMESTAMP', 0],
  ])('tells whether %s is one time or more', async (time, distinct) => {
    const reference = "SELECT TIMESTAMP '2026-01-01' + to_days(r::INTEGER) AS at FROM range(90) AS t(r)";
    const window = await windowOf(reference, `SELECT ${time} AS at FROM range(70) AS t(r)`);
    expect(window?.distinct).toBe(distinct);
  });
});

describe('NaN and NULL of doubles are told apart', () => {
  // Chunks of DuckDB have 2,048 rows: the second has no NULL.
  const rows = (value: string) => `SELECT ${value} AS x FROM (SELECT i::DOUBLE AS r FROM range(5000) AS t(i))`;
  it.each([
    ['NaN without NULL', "if(r % 10 = 3, 'NaN', r)::DOUBLE", { missing: 0, notFinite: 500 }],
    ['NULL without NaN', 'if(r % 10 = 3, NULL, r)::DOUBLE', { missing: 500, notFinite: 0 }],
    ['both', "CASE r % 10 WHEN 3 THEN NULL WHEN 4 THEN 'NaN' ELSE r END::DOUBLE", { missing: 500, notFinite: 500 }],
    [
      'NULL at first and NaN later',
      "CASE WHEN r < 64 THEN NULL WHEN r >= 4990 THEN 'NaN' ELSE r END::DOUBLE",
      { missing: 64, notFinite: 10 },
    ],
    ['one NULL as the last row', 'if(r = 4999, NULL, r)::DOUBLE', { missing: 1, notFinite: 0 }],
    ['NULL alone', 'NULL::DOUBLE', { missing: 5000, notFinite: 0 }],
    [
      'NaN and infinities of a FLOAT',
      "CASE r % 10 WHEN 1 THEN 'NaN' WHEN 2 THEN 'inf' WHEN 3 THEN '-inf' ELSE r END::FLOAT",
      { missing: 0, notFinite: 1500 },
    ],
    ['NULL of whole numbers', 'if(r % 10 = 3, NULL, r)::BIGINT', { missing: 500, notFinite: 0 }],
  ])('%s', async (_, value, counts) => {
    const found = await profile({ from: { kind: 'query', sql: rows(value) } });
    expect(found.columns).toMatchObject([counts]);
    const window = await datasets.profile({ from: { kind: 'query', sql: rows(value) } }, found);
    expect(window).toMatchObject({ ok: true, value: { columns: [counts] } });
  });
});
