import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatasets } from '../support/datasets.js';

/** Large enough for DuckDB to begin before all of the file was scanned. */
const ROWS = 400_000;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-ahead-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const body = `${'1,abcdefgh\n'.repeat(ROWS)}`;

it.each([
  ['like the first ones', '2,x\n', { type: 'BIGINT', rows: ROWS + 1, broken: 0 }],
  ['that are decimals', '2.5,x\n', { type: 'DOUBLE', rows: ROWS + 1, broken: 0 }],
  ['that are words', 'n/a,x\n', { type: 'VARCHAR', rows: ROWS + 1, broken: 0 }],
  ['that are broken', '2\n3,x\n', { type: 'BIGINT', rows: ROWS + 1, broken: 1 }],
  ['with other line ends', '2,x\r\n3,x\n', { type: 'BIGINT', rows: ROWS + 2, broken: 0 }],
])('reads a large file with late rows %s by all of its rows', async (name, tail, { type, rows, broken }) => {
  const path = join(folder, `${name}.csv`);
  writeFileSync(path, `v,w\n${body}${tail}`);
  await using datasets = openDatasets(folder);
  const found = await datasets.profile({ from: { kind: 'files', paths: [path] } });
  expect(found).toMatchObject({ value: { rows, columns: [{ sqlType: type }, { sqlType: 'VARCHAR' }] } });
  const faults = found.ok ? (found.value.faults ?? []) : [];
  expect(faults.filter((fault) => fault.kind === 'broken-rows')).toHaveLength(broken);
});

it('fails for a large file with a late byte that is not UTF-8, and leaves no file behind', async () => {
  const path = join(folder, 'latin.csv');
  writeFileSync(path, Buffer.from(`v,w\n${body}2,M\u00FCnchen\n`, 'latin1'));
  await using datasets = openDatasets(folder);
  const failed = await datasets.profile({ from: { kind: 'files', paths: [path] } });
  expect(failed).toMatchObject({ error: { code: 'table-malformed', line: ROWS + 2 } });
  writeFileSync(path, `v,w\n${body}`);
  expect(await datasets.profile({ from: { kind: 'files', paths: [path] } })).toMatchObject({ value: { rows: ROWS } });
});
