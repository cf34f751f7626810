import { describe, expect, it } from 'vitest';
import { inferSchema, likelyKeys } from '../../../src/data/judge/infer-schema.js';
import { column, table, type Value } from './profiles.js';

const ranks = (count: number, distinct = count): number[] => Array.from({ length: count }, (_, i) => i % distinct);
const words = (count: number, distinct: number): string[] =>
  ranks(count, distinct).map((i) => `w${String(i).padStart(2, '0')}`);
const inferred = (values: readonly Value[], isKey = false) =>
  inferSchema(table({ x: values }), { keys: isKey ? ['x'] : [], ignore: [] }).columns.x;

describe('columns that may be keys', () => {
  it.each<[string, readonly Value[], boolean]>([
    ['whole numbers that differ', ranks(10), true],
    ['texts that differ', words(10, 10), true],
    ['eight different of ten', ranks(10, 8), true],
    ['seven of ten', ranks(10, 7), false],
    ['decimals', ranks(10).map((x) => x + 0.5), false],
    ['one that is missing', [...ranks(9), null], false],
    ['a single row', [1], false],
    ['two rows', [1, 2], true],
  ])('%s', (_, values, isKey) => {
    expect(likelyKeys(table({ x: values }))).toEqual(isKey ? ['x'] : []);
  });
});

describe('a schema for data', () => {
  it('expects half as many rows, and warns of other columns', () => {
    expect(inferSchema(table({ a: ranks(11), b: ranks(11) }), { keys: [], ignore: ['b'] })).toEqual({
      rows: { min: 5 },
      columns: { a: { type: 'integer', required: true, min: 0, max: 10 } },
      unique: [],
      rules: [],
      otherColumns: 'warn',
    });
    expect(inferSchema(table({ a: [1, 2] }), { keys: [], ignore: [] }).rows).toEqual({ min: 1 });
    expect(inferSchema(table({ a: [1] }), { keys: [], ignore: [] })).not.toHaveProperty('rows');
  });

  it('has no range for a key', () => {
    expect(inferred(ranks(10), true)).toEqual({ type: 'integer', required: true, unique: true });
  });

  it.each<[string, number, number]>([
    ['one of a hundred', 1, 0.02],
    ['a hundredth more, rounded up', 3, 0.04],
    ['nearly all', 99.9, 1],
  ])('allows a few more missing values: %s', (_, percent, maxMissing) => {
    const missing = Math.round(percent * 10);
    const schema = inferred(Array.from({ length: 1000 }, (_, i) => (i < missing ? null : i + 0.5)));
    expect(schema?.maxMissing).toBeCloseTo(maxMissing, 10);
    expect(schema).not.toHaveProperty('required');
    expect(schema).toMatchObject({ type: 'number', max: 999.5 });
  });

  it('declares no type for a column without a value, or of another type', () => {
    expect(inferred([null, null])).toEqual({ maxMissing: 1 });
    const nested = { ...column('x', [1, 2]), type: 'other', numeric: undefined } as const;
    expect(inferSchema({ ...table({}), columns: [nested] }, { keys: [], ignore: [] }).columns.x).toEqual({
      required: true,
    });
  });

  it('counts values that are not finite as missing', () => {
    const infinite = { ...column('x', ranks(100)), notFinite: 10 };
    expect(
      inferSchema({ ...table({}), columns: [infinite] }, { keys: [], ignore: [] }).columns.x?.maxMissing,
    ).toBeCloseTo(0.11, 10);
    expect(
      inferSchema({ ...table({}), columns: [{ ...infinite, rows: 0, notFinite: 0 }] }, { keys: [], ignore: [] }).columns
        .x?.required,
    ).toBe(true);
  });

  it.each<[string, readonly Value[], number | undefined]>([
    ['fifty words, ten times each', words(500, 50), 50],
    ['fifty-one words', words(510, 51), undefined],
    ['fewer than ten rows a word', words(499, 50), undefined],
    ['missing values do not count as rows', [...words(499, 50), null], undefined],
  ])('lists words: %s', (_, values, count) => {
    expect(inferred(values)?.values?.length).toBe(count);
  });

  it('lists words in order, and only where all are known', () => {
    expect(inferred([...words(20, 2)].reverse())?.values).toEqual(['w00', 'w01']);
    const some = column('x', words(500, 50));
    const more = { ...some, categories: { top: some.categories?.top ?? [], singletons: 0, otherRows: 1 } };
    expect(inferSchema({ ...table({}), columns: [more] }, { keys: [], ignore: [] }).columns.x?.values).toBeUndefined();
  });
});
