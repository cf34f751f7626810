import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnType, TableProfile } from '../../src/domain/data/profile.js';
import type { TableSource } from '../../src/domain/ports/datasets.js';
import { openDatasets } from '../support/datasets.js';

/** More rows than DuckDB's own sample of 20,480. */
const LATE = 21_000;
let folder = '';
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'refit-reading-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(text: string | Buffer, ending = '.csv'): string {
  const path = join(folder, `${files++}${ending}`);
  writeFileSync(path, text);
  return path;
}

const source = (...paths: readonly string[]): TableSource => ({ from: { kind: 'files', paths } });

async function profile(of: TableSource, reference?: TableProfile): Promise<TableProfile> {
  await using datasets = openDatasets(folder);
  const found = await datasets.profile(of, reference);
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  return found.value;
}

const typesOf = ({ columns }: TableProfile) => Object.fromEntries(columns.map((one) => [one.name, one.sqlType]));

async function values(of: TableSource, column: string): Promise<readonly unknown[]> {
  await using datasets = openDatasets(folder);
  const read = await datasets.readColumns(of, [column]);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.get(column) ?? [];
}

describe('the type of a column of CSV follows from all its values', () => {
  const late = (first: string, last: string): string => `v,i\n${`${first},1\n`.repeat(LATE)}${last},2\n`;

  it.each([
    ['1', '2.5', 'DOUBLE'],
    ['', '2.5', 'DOUBLE'],
    ['', 'YES', 'VARCHAR'],
    ['5', '007', 'VARCHAR'],
    ['12345678', '71E2639', 'VARCHAR'],
    ['1', '12345678901234567890', 'HUGEINT'],
    ['1.5', '9007199254740993', 'VARCHAR'],
    ['9007199254740993', '1.5', 'VARCHAR'],
    ['9007199254740992', '1.5', 'DOUBLE'],
    ['1.5', '12345678901234567890', 'VARCHAR'],
    ['1.5', '1152921504606847000', 'DOUBLE'],
    ['1.5', '1152921504606846976', 'DOUBLE'],
    ['1.5', '12345678901234567.89', 'VARCHAR'],
    ['1.5', '1e-400', 'VARCHAR'],
    ['0.1', '0.30000000000000004', 'DOUBLE'],
    ['0.5', '0.33333333333333333333', 'DOUBLE'],
    ['1', '1.000000000000000056e-01', 'DOUBLE'],
    ['2026-03-01', '2026-03-01T10:00:00.123456789', 'TIMESTAMP_NS'],
    ['2026-03-01T10:00:00.1234567Z', '2026-03-01 10:00 +0200', 'TIMESTAMP_NS'],
    ['2026-03-01T10:00:00.123456000', '2026-03-01', 'TIMESTAMP'],
    ['9999-12-31', '2026-03-01T10:00:00.123456789', 'VARCHAR'],
    ['9999-12-31', '2026-03-01T10:00:00.1234567891', 'VARCHAR'],
    ['10:00:00', '10:00:00.123456789', 'VARCHAR'],
    ['2026-03-01', '2026-03-01 10:00:00', 'TIMESTAMP'],
    ['2026-03-01 10:00:00', '2026-03-01T10:00:00+02:00', 'TIMESTAMP'],
    ['2026-03-01', 'unknown', 'VARCHAR'],
    ['true', 'false', 'BOOLEAN'],
    ['true', 'maybe', 'VARCHAR'],
    ['yes', 'no', 'VARCHAR'],
    ['01/02/2026', '13/02/2026', 'DATE'],
    ['01/02/2026', '02/13/2026 10:00', 'TIMESTAMP'],
  ])('%j many times, then %j: %s, in either order', async (first, last, type) => {
    const text = late(first, last);
    const reversed = `v,i\n${text.trimEnd().split('\n').slice(1).reverse().join('\n')}\n`;
    for (const one of [text, reversed]) expect(typesOf(await profile(source(put(one)))).v).toBe(type);
  });

  it('keeps every digit of whole numbers and codes', async () => {
    const ids = ['9007199254740993', '9007199254740992', '12345678901234567891', '12345678901234567890'];
    expect((await profile(source(put(`id\n${ids.join('\n')}\n`)))).columns[0]?.distinct).toBe(4);
    const exact = put(`id,v\n${ids.map((id) => `${id},1`).join('\n')}\n`);
    expect(await values(source(exact), 'id')).toEqual(ids);
    expect(await values(source(put('id,v\n007,1\n7,1\n')), 'id')).toEqual(['007', '7']);
  });

  it('reads late quoted values like early ones', async () => {
    const text = `note,v\n${'fine,1\n'.repeat(LATE)}"fine",1\n"he said ""no""",1\n`;
    const [note] = (await profile(source(put(text)))).columns;
    expect(note?.categories?.top.map((one) => one.value)).toEqual(['fine', 'he said "no"']);
  });

  it('is one type over all files', async () => {
    const [a, b] = [put('code,x\n101,1\n102,2\n'), put('x,code\n3,X7\n')];
    const both = source(a, b);
    expect(typesOf(await profile(both))).toMatchObject({ code: 'VARCHAR', x: 'BIGINT' });
    expect(await values(both, 'code')).toEqual(['101', '102', 'X7']);
    const days = source(put('day\n01/02/2026\n'), put('day\n25/02/2026\n'));
    expect((await profile({ ...days, timeColumn: 'day' })).time?.from).toBe(Date.UTC(2026, 1, 1));
  });

  it('is that of the reference if it knows the column', async () => {
    const reference = await profile(source(put('code,on,x\nX7,yes,1.5\n101,no,2.5\n')));
    const current = await profile(source(put('code,on,x\n101,yes,1\n102,no,2\n')), reference);
    expect(current.columns.map(({ type }) => type)).toEqual(['text', 'text', 'integer']);
    const odd = put('x,code\n1.5,5\nn/a,5\n2.5,5\n');
    expect((await profile(source(odd), reference)).faults).toEqual([
      expect.objectContaining({ kind: 'unfit-values', column: 'x', line: 3, value: 'n/a', rows: 1 }),
    ]);
  });
});

describe('JSON', () => {
  const lines = (...rows: readonly string[]): string => put(`${rows.join('\n')}\n`, '.jsonl');

  it('has the columns and types of all its objects', async () => {
    const rows = Array.from({ length: LATE }, (_, i) => `{"x":1,"k${i % 300}":1}`);
    const found = await profile(source(lines(...rows, '{"x":2.5,"late":"a"}')));
    expect(found.columns).toHaveLength(302);
    expect(typesOf(found)).toMatchObject({ x: 'DOUBLE', late: 'VARCHAR' });
  });

  it('keeps every digit, and text as text', async () => {
    const ids = ['9007199254740993', '123456789012345678901234'];
    const path = lines(...ids.map((id) => `{"id":${id},"code":"007","mixed":${id}}`), '{"mixed":"x"}');
    expect(await values(source(path), 'id')).toEqual([...ids, null]);
    expect(await values(source(path), 'code')).toEqual(['007', '007', null]);
    expect(await values(source(path), 'mixed')).toEqual([...ids, 'x']);
  });

  it('keeps whole numbers beside decimals, and nanoseconds', async () => {
    const lines = (...cells: readonly string[]): string =>
      put(cells.map((cell) => `{"v": ${cell}}\n`).join(''), '.jsonl');
    const ids = source(lines('9007199254740993', '1.5', '9007199254740992'));
    expect(await values(ids, 'v')).toEqual(['9007199254740993', '1.5', '9007199254740992']);
    const doubles = source(lines('1152921504606847000', '0.30000000000000004'));
    expect(typesOf(await profile(doubles))).toEqual({ v: 'DOUBLE' });
    const fine = await profile(source(lines('"2026-03-01T10:00:00.123456789Z"', '"2026-03-01T10:00:00.123456788Z"')));
    expect(typesOf(fine)).toEqual({ v: 'TIMESTAMP_NS' });
  });

  it('has times with different offsets as moments', async () => {
    const mixed = source(put('{"v": "2026-03-01T10:00:00Z"}\n{"v": "2026-03-02T10:00:00+02:00"}\n', '.jsonl'));
    expect(typesOf(await profile(mixed))).toEqual({ v: 'TIMESTAMP' });
  });

  it('leaves a line out that is null', async () => {
    const { rows, faults } = await profile(source(put('{"v": 1}\nnull\n{"v": 2}\n', '.jsonl')));
    expect(rows).toBe(2);
    expect(faults).toMatchObject([{ kind: 'broken-rows', rows: 1, first: [{ line: 2, why: 'not-json' }] }]);
  });

  it('has times as moments, with and without offsets', async () => {
    const path = lines('{"at":"2026-03-01T00:00:00+02:00"}', '{"at":"2026-03-01"}', '{"at":"2026-03-01 10:00:00"}');
    const { time } = await profile({ ...source(path), timeColumn: 'at' });
    expect([time?.from, time?.to]).toEqual([Date.UTC(2026, 1, 28, 22), Date.UTC(2026, 2, 1, 10)]);
  });

  it('names the lines that are no objects, and reads the others', async () => {
    const found = await profile(source(lines('{"a":1}', '', '[1,2]', '{"a":2}', '{"a":')));
    expect(found.rows).toBe(2);
    expect(found.faults).toMatchObject([{ kind: 'broken-rows', rows: 2, first: [{ line: 3 }, { line: 5 }] }]);
    const cut = put('{"a":1}\n{"a":2}\n{"a', '.jsonl');
    expect((await profile(source(cut))).faults).toMatchObject([{ first: [{ line: 3, why: 'cut' }] }]);
  });

  it('says in which line an array is broken', async () => {
    await using datasets = openDatasets(folder);
    const broken = await datasets.profile(source(put('[{"a":1},\n{"a":2},\n{"a":', '.json')));
    expect(broken).toMatchObject({ error: { code: 'table-malformed', line: 3 } });
    expect((await profile(source(put('[{"a":1},\n{"a":2}]', '.json')))).rows).toBe(2);
  });

  it('reads a column as text where the reference has text', async () => {
    const reference = await profile(source(lines('{"shop":"X7"}', '{"shop":"101"}')));
    const current = await profile(source(lines('{"shop":101}', '{"shop":102}')), reference);
    expect(current.columns[0]?.type).toBe('text' satisfies ColumnType);
  });
});

/** Values of each kind, and text that looks like another kind. */
const POOLS: readonly (readonly string[])[] = [
  ['0', '1', '-5', '999999999999999999', ' 7', '8  ', '+3', '-0'],
  ['12345678901234567890', '-99999999999999999999999999999999999999', '5'],
  ['0.5', '.5', '5.', '-1.25e-7', '1E+5', 'nan', '-Infinity', '+0.5', '1e308', '0.1e-400', '12'],
  ['007', '+4912345678', '71E26', '71E2639', '1_000', '0x1F', '-', '1e', '1.2.3', '--5', '1,5', 'E', '.'],
  ['true', 'FALSE', 'True'],
  ['2026-01-01', '2026/1/5', '0001-01-01', '2024-02-29', '9999-12-31'],
  ['2026-01-01 10:00', '2026-1-1 9:05', '2026-01-01 10:00:00.123456789', '2026/01/01 23:59:59.5', '2026-01-01'],
  ['2026-01-01T10:00:00Z', '2026-01-01 10:00:00+02', '2026-01-01T10:00:00.5-0330', '2026-01-01 10:00:00 UTC'],
  ['2026-01-01T10:00Z', '2026-01-01 10:00:00 +0200', '2026-01-01 9:05 Z', '2026-01-01 10:00:00.25 -03'],
  ['10:00:00', '23:59:59.5', '00:00:00'],
  ['01.03.2026', '1.3.2026', '31.12.2025'],
  ['13/02/2026 10:00', '1/2/2026', '28/2/2026 1:05:06'],
  ['2/13/2026 1:05 PM', '12/31/2026 12:00 AM'],
  ['a', 'b c', 'x"y', "it's", 'ü', 'a,b', 'a;b', 'line\nbreak', ' pad ', '"', '""', '# x', 'NA', '2026-02-30', "'q'"],
];

const quoted = (value: string, isQuoted: boolean): string =>
  isQuoted || /[",;\n\r\t|]|^ *"/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const table = fc.array(fc.nat(POOLS.length - 1), { minLength: 2, maxLength: 4 }).chain((columns) => {
  const cell = (pool: number) => fc.constantFrom(...(POOLS[pool] ?? []), '');
  return fc.record({
    rows: fc.array(fc.tuple(...columns.map(cell)), { minLength: 1, maxLength: 20 }),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    isQuoted: fc.boolean(),
  });
});

it('reads all rows of any table in any layout, and the exact characters of each value', async () => {
  await using datasets = openDatasets(folder);
  await fc.assert(
    fc.asyncProperty(table, async ({ rows, delimiter, lineEnd, isQuoted }) => {
      const names = (rows[0] ?? []).map((_, i) => `c${i}`);
      const lines = [names, ...rows].map((row) => row.map((cell) => quoted(cell, isQuoted)).join(delimiter));
      const from = source(put(lines.join(lineEnd) + lineEnd));
      const typed = await datasets.profile(from);
      expect(typed).toMatchObject({ ok: true, value: { rows: rows.length } });
      const missing = names.map((_, i) => rows.filter((row) => row[i] === '').length);
      expect(typed.ok && typed.value.columns.map((one) => one.missing)).toEqual(missing);
      const types = new Map(names.map((name) => [name, { type: 'text' }] as const));
      const text = await datasets.readColumns({ ...from, types }, names);
      for (const [i, name] of names.entries())
        expect(text.ok && text.value.get(name)?.map((cell) => String(cell ?? '').trim())).toEqual(
          rows.map((row) => String(row[i]).trim()),
        );
    }),
    { numRuns: 60, seed: 14 },
  );
});
