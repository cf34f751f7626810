import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableSource } from '../../src/domain/ports/datasets.js';
import { fromIso } from '../../src/domain/support/time.js';
import { openDatasets } from '../support/datasets.js';

/** Two hours before midnight UTC, midnight, and an hour after it. */
const TIMES = ['2026-01-01T00:00:00+02:00', '2026-01-01T00:00:00Z', '2025-12-31T20:00:00-05:00'];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-times-'));
  writeFileSync(join(folder, 'a.csv'), `at,x\n${TIMES.map((at, i) => `${at},${i}`).join('\n')}\n`);
  writeFileSync(join(folder, 'mixed.csv'), `at,x\nunknown,9\n${TIMES.map((at, i) => `${at},${i}`).join('\n')}\n`);
  writeFileSync(join(folder, 'a.jsonl'), TIMES.map((at, x) => `${JSON.stringify({ at, x })}\n`).join(''));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes what a query gives as a table, in the format that the name says. */
async function copyTo(path: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}'`);
  connection.closeSync();
}

describe.each(['a.csv', 'mixed.csv', 'a.jsonl'])('times with an offset in %s', (name) => {
  const source = (cut: Partial<TableSource>): TableSource => ({
    from: { kind: 'files', paths: [join(folder, name)] },
    timeColumn: 'at',
    ...cut,
  });

  it('are read as the moments that they mean: in windows, counts and ranges', async () => {
    await using datasets = openDatasets(folder);
    const range = await datasets.timeRange(source({ until: fromIso('2027-01-01T00:00:00.000Z') }));
    expect(range).toMatchObject({
      value: { from: fromIso('2025-12-31T22:00:00.000Z'), to: fromIso('2026-01-01T01:00:00.000Z') },
    });
    const midnight = fromIso('2026-01-01T00:00:00.000Z');
    expect(await datasets.countRows(source({ until: midnight }))).toEqual({ ok: true, value: 1 });
    const since = await datasets.readColumns(source({ since: midnight }), ['x']);
    expect(since.ok && since.value.get('x')).toEqual([1, 2]);
    const profile = await datasets.profile(source({ since: midnight }));
    expect(profile).toMatchObject({ value: { rows: 2, time: { from: midnight } } });
  });
});

/** The moments of TIMES but for the offsets, each as a number. */
const NUMBERS = {
  seconds: [1767218400, 1767225600, 1767229200],
  'seconds with a fraction': [1767218400.5, 1767225600, 1767229200],
  milliseconds: [1767218400000, 1767225600000, 1767229200000],
  microseconds: [1767218400000000, 1767225600000000, 1767229200000000],
  nanoseconds: ['1767218400000000000', '1767225600000000000', '1767229200000000000'],
  days: [20251231, 20260101, 20260102],
  'days with their time': [20251231220000, 20260101000000, 20260101010000],
} as const;

describe.each(Object.entries(NUMBERS))('times written as %s', (_, values) => {
  const midnight = fromIso('2026-01-01T00:00:00.000Z');

  it.each(['csv', 'jsonl', 'parquet'])('are read as moments in %s', async (ending) => {
    writeFileSync(join(folder, 'numbers.csv'), `at,x\n${values.map((at, i) => `${at},${i}`).join('\n')}\n`);
    writeFileSync(join(folder, 'numbers.jsonl'), values.map((at, i) => `{"at": ${at}, "x": ${i}}\n`).join(''));
    await copyTo(join(folder, 'numbers.parquet'), `FROM '${join(folder, 'numbers.csv')}'`);
    await using datasets = openDatasets(folder);
    const source = { from: { kind: 'files', paths: [join(folder, `numbers.${ending}`)] }, timeColumn: 'at' } as const;
    const since = await datasets.readColumns({ ...source, since: midnight }, ['x']);
    expect(since.ok && since.value.get('x')).toEqual([1, 2]);
    const profile = await datasets.profile({ ...source, since: midnight });
    expect(profile).toMatchObject({ value: { rows: 2, time: { from: midnight } } });
    expect(profile.ok && profile.value.faults).toBeUndefined();
  });
});

const NOT_ALL_TIMES = '[1767218400, 17, 20261301, NULL, 202601]';

it.each([
  ['csv', NOT_ALL_TIMES, '17'],
  ['jsonl', NOT_ALL_TIMES, '17'],
  ['parquet', NOT_ALL_TIMES, '17'],
  ['parquet', "['2026-01-01', 'soon', NULL, 'later', '1767218400']", 'soon'],
])('names the rows of a time column that tell no moment: %s, %s', async (ending, values, value) => {
  const path = join(folder, `odd.${ending}`);
  await copyTo(path, `SELECT unnest(${values}) AS at, 1 AS x`);
  await using datasets = openDatasets(folder);
  const profile = await datasets.profile({ from: { kind: 'files', paths: [path] }, timeColumn: 'at' });
  expect(profile.ok && profile.value.faults).toEqual([
    {
      kind: 'unfit-values',
      column: 'at',
      wanted: 'timestamp',
      rows: 3,
      value,
      row: 2,
      file: expect.stringContaining('odd.'),
    },
  ]);
});
