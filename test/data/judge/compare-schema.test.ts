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
