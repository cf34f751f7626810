import { describe, expect, it } from 'vitest';
import { compareSchema, type SchemaOptions } from '../../../src/data/judge/compare-schema.js';
import type { ColumnProfile, TableProfile } from '../../../src/domain/data/profile.js';
import { column, counted, table, type Value } from './profiles.js';

const N = 3000;
const numbers = Array.from({ length: N }, (_, i) => i % 100);
const classes = numbers.map((value) => value % 2);

const says = (was: TableProfile, is: TableProfile, options: Partial<SchemaOptions> = {}): readonly string[] =>
  compareSchema(was, is, { ignore: [], ...options }).map((one) =>
    `${one.severity} ${one.code} ${one.column ?? ''}`.trim(),
  );

const withColumns = (columns: readonly ColumnProfile[], rows = N): TableProfile => ({ format: 2, rows, columns });

describe('columns', () => {
  const was = table({ a: numbers, b: numbers, c: numbers });

  it('that are gone are errors, new ones warnings, and an empty table is one error', () => {
    expect(says(was, table({ a: numbers, c: numbers }))).toEqual(['error missing-column b']);
    expect(says(was, table({ a: numbers, b: numbers, c: numbers, d: numbers }))).toEqual(['warning new-column d']);
    expect(says(was, counted(0))).toEqual(['error empty']);
    expect(says(was, was)).toEqual([]);
  });

  it('that are gone may have another name: that of the only new one, if it has such values', () => {
    const causes = (is: TableProfile) => compareSchema(was, is, { ignore: [] }).map((one) => one.likelyCause);
    expect(causes(table({ a: numbers, b: numbers, d: numbers }))[0]).toBe('renamed to "d"');
    expect(causes(table({ a: numbers, b: numbers, d: numbers.map((value) => value + 1000) }))[0]).toBeUndefined();
    expect(causes(table({ a: numbers, b: numbers, d: numbers, e: numbers }))[0]).toBeUndefined();
  });

  it('that are ignored are not compared', () => {
    expect(says(was, table({ a: numbers, c: numbers, d: numbers }), { ignore: ['b', 'd'] })).toEqual([]);
  });

  it('that are only written differently are named', () => {
    const [found] = compareSchema(was, table({ a: numbers, B: numbers, c: numbers }), { ignore: [] });
    expect(found).toMatchObject({ code: 'missing-column', likelyCause: 'renamed to "B"' });
  });

  it('are reported with the dataset', () => {
    expect(compareSchema(was, counted(0), { ignore: [], dataset: 'd' })[0]?.dataset).toBe('d');
    expect(
      compareSchema(was, table({ a: numbers }), { ignore: [], dataset: 'd' }).every((one) => one.dataset === 'd'),
    ).toBe(true);
  });
});

describe('a label that has not come', () => {
  it.each([
    ['called one', { a: numbers, target: numbers, b: numbers }, 'target', 'warning'],
    ['called one in capitals', { a: numbers, Label: numbers, b: numbers }, 'Label', 'warning'],
    ['a class in the last place', { a: numbers, b: numbers, churned: classes }, 'churned', 'warning'],
    ['a class elsewhere', { a: numbers, churned: classes, b: numbers }, 'churned', 'error'],
    ['a number in the last place', { a: numbers, b: numbers, churned: numbers }, 'churned', 'error'],
  ])('%s', (_, columns, gone, severity) => {
    const rest = Object.fromEntries(Object.entries(columns).filter(([name]) => name !== gone));
    expect(says(table(columns), table(rest))).toEqual([`${severity} missing-column ${gone}`]);
  });

  it('is the declared label, and no other column then', () => {
    const was = table({ a: numbers, paid: numbers, target: classes });
    const options = { label: 'paid' };
    expect(says(was, table({ a: numbers, target: classes }), options)).toEqual(['warning missing-column paid']);
    expect(says(was, table({ a: numbers, paid: numbers }), options)).toEqual(['error missing-column target']);
  });

  it('is not assumed where two columns are gone', () => {
    const was = table({ a: numbers, b: numbers, target: classes });
    expect(says(was, table({ a: numbers }))).toEqual(['error missing-column b', 'error missing-column target']);
    expect(says(was, table({ a: numbers }), { ignore: ['b'] })).toEqual(['warning missing-column target']);
  });
});

describe('types', () => {
  const text = (values: readonly Value[]): ColumnProfile => column('x', values, 'text');
  const flags = (rows: number): ColumnProfile => ({
    ...column(
      'x',
      Array.from({ length: rows }, (_, i) => String(i % 2 === 0)),
      'text',
    ),
    type: 'boolean',
    sqlType: 'BOOLEAN',
  });
  const answers = (unknown: number): ColumnProfile =>
    text(Array.from({ length: N }, (_, i) => (i < unknown ? 'unknown' : i % 2 === 0 ? 'yes' : 'no')));
  const mixed = (words: number): ColumnProfile => text(numbers.map((value, i) => (i < words ? 'none' : String(value))));

  it.each([
    ['numbers that became text', column('x', numbers), text(numbers.map((value) => `${value} u`)), true],
    [
      'whole numbers that became decimals',
      column('x', numbers),
      column(
        'x',
        numbers.map((value) => value + 0.5),
      ),
      false,
    ],
    ['text that became numbers', text(numbers.map((value) => `v${value}`)), column('x', numbers), true],
    ['a rare word that is absent from few rows', mixed(12), column('x', numbers.slice(0, 200)), false],
    ['the same of many rows', mixed(12), column('x', numbers), false],
    ['a frequent word that is absent', mixed(300), column('x', numbers.slice(0, 200)), true],
    ['yes and no without the rare unknown', answers(12), flags(200), false],
    ['without a frequent one', answers(600), flags(200), true],
    ['other texts that became yes and no', text(numbers.map((value) => `v${value}`)), flags(200), true],
    [
      'text that became dates',
      text(numbers.map(String)),
      { ...column('x', numbers), type: 'timestamp' as const },
      true,
    ],
    ['a column that was empty', text(numbers.map(() => null)), column('x', numbers), false],
    ['one that is empty', column('x', numbers), text(numbers.map(() => null)), false],
  ])('%s', (_, was, is, isTold) => {
    expect(says(withColumns([was]), withColumns([is], is.rows))).toEqual(isTold ? ['error type-changed x'] : []);
  });

  it('are reported with the share that still reads as a number', () => {
    const commas = {
      ...text(numbers.map((value) => `${value},5`)),
      text: { ...text(numbers.map(String)).text },
    } as ColumnProfile;
    const [found] = compareSchema(withColumns([column('x', numbers)]), withColumns([commas]), { ignore: [] });
    expect(found).toMatchObject({
      evidence: { reads_as_number: 1 },
      likelyCause: 'numbers written as text, or with a decimal comma',
    });
    expect(found?.detail).toContain('100 % of it reads as a number');
    const words = compareSchema(
      withColumns([column('x', numbers)]),
      withColumns([text(numbers.map((value) => `${value} u`))]),
      { ignore: [] },
    );
    expect(words[0]?.likelyCause).toBeUndefined();
  });
});

describe('what a finding says', () => {
  const was = table({ a: numbers, b: numbers, target: classes });
  const found = (is: TableProfile, before = was) => compareSchema(before, is, { ignore: [] });

  it('of a column is its type, without a dataset where none is known', () => {
    const gone = found(table({ a: numbers, target: classes }))[0];
    expect(gone).toMatchObject({ detail: 'the column is gone', evidence: { type: 'BIGINT' } });
    expect(gone).not.toHaveProperty('dataset');
    expect(found(table({ a: numbers, b: numbers }))[0]).toMatchObject({
      detail: 'the column is not there: a label that has not come yet, or a lost column',
      evidence: { type: 'BIGINT' },
    });
    expect(found(table({ a: numbers, b: numbers, target: classes, d: ['x'] }))[0]).toMatchObject({
      detail: 'the reference has no such column',
      evidence: { type: 'VARCHAR' },
    });
  });

  it('of a label in other letters is its new name', () => {
    expect(found(table({ a: numbers, b: numbers, Target: classes }))[0]).toMatchObject({
      severity: 'error',
      likelyCause: 'renamed to "Target"',
    });
  });

  it('of a last column is that of a label up to twenty classes', () => {
    const many = (kinds: number) => table({ a: numbers, churned: numbers.map((_, i) => i % kinds) });
    expect(found(table({ a: numbers }), many(20))[0]?.severity).toBe('warning');
    expect(found(table({ a: numbers }), many(21))[0]?.severity).toBe('error');
  });

  const became = (before: ColumnProfile, now: ColumnProfile, unfit?: number) =>
    compareSchema(
      withColumns([before]),
      {
        ...withColumns([now]),
        faults:
          unfit === undefined
            ? []
            : [
                {
                  kind: 'unfit-values',
                  column: 'x',
                  wanted: 'number',
                  rows: unfit,
                  value: 'n/a',
                  file: 'b.csv',
                  line: 7,
                },
              ],
      },
      { ignore: [] },
    )[0];
  const number = column('x', numbers);
  const text = column('x', numbers.map(String), 'text');

  it('of values that do not fit is how many they are, and where the first is', () => {
    expect(became(number, text)?.detail).toBe('BIGINT became VARCHAR; 100 % of it reads as a number');
    expect(became(number, text, 1)).toMatchObject({
      detail: 'BIGINT became VARCHAR; 1 of 3000 values does not fit, the first is "n/a" in b.csv:7',
      rows: 1,
    });
    expect(became(number, text, 1)?.likelyCause).toBeUndefined();
    expect(became(number, text, 1500)?.detail).not.toContain('reads as a number');
    expect(became(number, text, 1501)?.detail).toBe(
      'BIGINT became VARCHAR; 100 % of it reads as a number; 1501 of 3000 values do not fit, the first is "n/a" in b.csv:7',
    );
    const gaps = column('x', [...numbers.map(String), null], 'text');
    expect(became(number, gaps, 2)?.detail).toContain('2 of 3000 values do not fit');
  });

  it('of what is not numbers as text names no cause', () => {
    const dates = { ...number, type: 'timestamp' as const, sqlType: 'TIMESTAMP' };
    expect(became(dates, text)).toMatchObject({ detail: 'TIMESTAMP became VARCHAR', evidence: { reads_as_number: 1 } });
    expect(became(dates, text)?.likelyCause).toBeUndefined();
    expect(became(number, dates)?.detail).toBe('BIGINT became TIMESTAMP');
    const most = (share: number) =>
      column(
        'x',
        numbers.map((value, i) => (i < share * N ? String(value) : 'n/a')),
        'text',
      );
    expect(became(number, most(0.9))?.likelyCause).toBeUndefined();
    expect(became(number, most(0.91))?.likelyCause).toMatch(/numbers written as text/);
  });
});
