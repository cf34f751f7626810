import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { TableSource } from '../../src/domain/ports/datasets.js';
import type { Predicate } from '../../src/domain/support/predicate.js';
import { openDatasets } from '../support/datasets.js';

const folder = mkdtempSync(join(tmpdir(), 'refit-check-'));
const datasets = openDatasets(folder);
afterAll(async () => {
  await datasets[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function badOf(source: TableSource, predicates: readonly Predicate[]) {
  const checked = await datasets.check(source, {
    conditions: predicates.map((predicate) => ({ predicate })),
    shown: source,
  });
  if (!checked.ok) throw new Error(JSON.stringify(checked.error));
  return checked.value.conditions;
}

const query = (sql: string): TableSource => ({ from: { kind: 'query', sql } });

describe('check', () => {
  it('counts by predicate, and missing values only for presence', async () => {
    const source = query(
      "SELECT * FROM (VALUES (1.0::DOUBLE, 'a', true), (5, 'b', NULL), (NULL, NULL, false), ('nan', 'A', true), (9, 'b', true)) AS t(x, c, b)",
    );
    const found = await badOf(source, [
      { kind: 'present', column: 'x' },
      { kind: 'in-range', column: 'x', lower: 2, upper: 8 },
      { kind: 'in-range', column: 'x', upper: 8 },
      { kind: 'one-of', column: 'c', values: ['a', 'b'] },
      { kind: 'one-of', column: 'x', values: [1, 5] },
      { kind: 'one-of', column: 'b', values: [true] },
      { kind: 'reads-as', column: 'c', type: 'number' },
      { kind: 'unique', columns: ['c'] },
      { kind: 'rule', sql: 'x > 1 -- more' },
      { kind: 'rule', sql: 'y > 1' },
    ]);
    expect(found.map((one) => one.bad)).toEqual([2, 2, 1, 1, 1, 1, 4, 2, 2, 0]);
    expect(found.at(-1)?.fault).toContain('y');
    expect(found[3]?.examples).toEqual([{ value: 'A', rows: 1 }]);
  });

  it('counts a key of several columns only if it is complete', async () => {
    const keys = query(
      "SELECT * FROM (VALUES (1, 'a'), (1, 'a'), (1, 'b'), (2, NULL), (2, NULL), (NULL, 'c'), (NULL, 'c'), (NULL, NULL), (NULL, NULL)) AS t(k, c)",
    );
    const found = await badOf(keys, [
      { kind: 'unique', columns: ['k', 'c'] },
      { kind: 'unique', columns: ['k'] },
      { kind: 'unique', columns: ['c'] },
    ]);
    expect(found.map((one) => one.bad)).toEqual([2, 5, 4]);
    const listed = await Promise.all(found.map((one) => datasets.countRows(query(one.sql ?? ''))));
    expect(listed).toEqual([2, 5, 4].map((value) => ({ ok: true, value })));
  });

  it('gives a statement that lists exactly the rows that it counts, whatever the column is called', async () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, maxLength: 30, unit: 'binary' }),
      fc.constantFrom('"', "'; --", 'a\nb', 'n', 'rowid', 'x'.repeat(10_000)),
    );
    // PostgreSQL's parser, and so DuckDB's, ends a statement at a NUL
    const named = name.filter((one) => !one.includes('\0'));
    await fc.assert(
      fc.asyncProperty(named, fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1 }), async (column, values) => {
        const id = `"${column.replaceAll('"', '""')}"`;
        const source = query(`SELECT unnest([${values.join(', ')}]) AS ${id}`);
        const found = await badOf(source, [
          { kind: 'in-range', column, lower: 0 },
          { kind: 'unique', columns: [column] },
        ]);
        expect(found[0]?.bad).toBe(values.filter((value) => value < 0).length);
        for (const { sql, bad } of found) {
          if (sql === undefined) continue;
          const listed = await datasets.countRows(query(sql));
          expect(listed).toEqual({ ok: true, value: bad });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('reads a table again if later rows contradict the types of its first, and lists them accordingly', async () => {
    const path = join(folder, 'late.csv');
    writeFileSync(path, `x\n${'1\n'.repeat(30_000)}oops\n`);
    const source: TableSource = { from: { kind: 'files', paths: [path] } };
    const [found] = await badOf(source, [{ kind: 'reads-as', column: 'x', type: 'integer' }]);
    expect(found?.bad).toBe(1);
    expect(await datasets.countRows(query(found?.sql ?? ''))).toEqual({ ok: true, value: 1 });
  });
});

describe('isReproducible', () => {
  const is = (sql: string) => datasets.isReproducible(sql, ['refit_table_0']);

  it.each([
    'select a, lower(b), a + 1 from refit_table_0 where a > 1 group by all order by 1',
    'with late as (select * from refit_table_0) select max(x) from late',
    'select * from refit_table_0 where x in (select max(x) from refit_table_0)',
  ])('is: %s', async (sql) => {
    expect(await is(sql)).toBe(true);
  });

  it.each([
    "select * from refit_table_0, 'a.csv'",
    "select * from read_csv('a.csv')",
    'select * from refit_table_0 join other using (a)',
    'select random() from refit_table_0',
    'select now() from refit_table_0',
    'select current_date from refit_table_0',
    'select * from refit_table_0 where day > today()',
    'select * from refit_table_0 using sample 10',
    "select getenv('HOME') from refit_table_0",
    'not sql at all',
  ])('is not certain: %s', async (sql) => {
    expect(await is(sql)).toBe(false);
  });
});
