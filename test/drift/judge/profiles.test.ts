import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import { compactProfile } from '../../../src/drift/judge/compact-profile.js';
import { profileOfValues } from '../../../src/drift/judge/values-profile.js';
import { numbers, tableOf, texts, uniforms } from './columns.js';

describe('a compact profile', () => {
  const compactOf = (column: ColumnProfile): ColumnProfile | undefined => compactProfile(tableOf([column])).columns[0];

  it('keeps 65 quantiles of six digits, and no counts', () => {
    const column = { ...numbers(uniforms(1001, 1 / 3, 10)), counted: [1], history: [[1]] };
    const compact = compactOf(column);
    const { counts: _, quantiles, ...rest } = column.numeric ?? {};
    expect(compact).toMatchObject({ name: 'x', type: 'number', rows: 1001, distinct: 1001, numeric: rest });
    expect(compact?.numeric?.quantiles).toHaveLength(65);
    expect(compact?.numeric?.quantiles[0]).toBe(Number(quantiles?.[0]?.toPrecision(6)));
    expect(compact?.numeric?.quantiles[1]).toBe(Number(quantiles?.[16]?.toPrecision(6)));
    expect(compact?.numeric?.quantiles[64]).toBe(Number(quantiles?.[1000]?.toPrecision(6)));
    for (const key of ['counted', 'history', 'categories']) expect(compact?.[key as 'counted']).toBeUndefined();
    expect(compact?.numeric?.counts).toBeUndefined();
  });

  it('keeps all of few quantiles', () => {
    expect(compactOf(numbers([3, 1, 2]))?.numeric?.quantiles).toEqual([1, 2, 3]);
    expect(compactOf(numbers([7]))?.numeric?.quantiles).toEqual([7]);
    expect(compactOf(numbers(uniforms(65)))?.numeric?.quantiles).toHaveLength(65);
    expect(compactOf(numbers(uniforms(66)))?.numeric?.quantiles).toHaveLength(65);
  });

  it('keeps the 50 most frequent values, and the rows of the others', () => {
    const column = texts(Object.fromEntries(Array.from({ length: 53 }, (_, i) => [`v${i}`, 100 - i])));
    const compact = compactOf(column)?.categories;
    expect(compact?.top).toEqual(column.categories?.top.slice(0, 50));
    expect(compact?.otherRows).toBe(50 + 49 + 48);
    const { categories } = column;
    if (categories === undefined) throw new Error('a text column has categories');
    expect(
      compactOf({ ...column, categories: { ...categories, otherRows: 7, singletons: 3 } })?.categories,
    ).toMatchObject({
      ...{ otherRows: 7 + 147, singletons: 3 },
    });
    expect(compactOf(column)?.numeric).toBeUndefined();
  });

  it('has the table beside its columns, without those that hold neither numbers nor values', () => {
    const nested = { ...numbers([1, 2]), name: 'list', numeric: undefined };
    const time = { column: 'at', from: 0, to: 1 } as unknown as NonNullable<Parameters<typeof tableOf>[1]>;
    const compact = compactProfile(tableOf([numbers([1, 2]), nested], time));
    expect(compact).toMatchObject({ format: 2, rows: 2, time });
    expect(compact.columns.map((one) => one.name)).toEqual(['x']);
  });
});

describe('the profile of values at hand', () => {
  it('of numbers is that of a scan', () => {
    expect(profileOfValues('x', Float64Array.from([3, -1, 0, 2, 2]), false)).toEqual({
      ...{ name: 'x', type: 'number', sqlType: 'DOUBLE', rows: 5, missing: 0, notFinite: 0, distinct: 4 },
      numeric: {
        ...{ min: -1, max: 3, mean: 1.2, sd: expect.closeTo(Math.sqrt(2.16), 12), zeros: 1, negatives: 1 },
        ...{ quantiles: [-1, 0, 2, 2, 3], counts: [0, 1, 1, 2, 1, 0] },
      },
    });
  });

  it('of many numbers keeps 1,001 of them, at equal ranks', () => {
    const { numeric } = profileOfValues(
      'x',
      Float64Array.from({ length: 4001 }, (_, i) => i),
      false,
    );
    expect(numeric?.quantiles).toHaveLength(1001);
    expect([0, 1, 500, 1000].map((k) => numeric?.quantiles[k])).toEqual([0, 4, 2000, 4000]);
    expect(numeric?.counts?.slice(0, 4)).toEqual([0, 1, 4, 4]);
  });

  it('of none is empty', () => {
    expect(profileOfValues('x', new Float64Array(0), false).numeric).toMatchObject({ min: 0, max: 0, mean: 0, sd: 0 });
    expect(profileOfValues('x', Float64Array.of(5), false).numeric?.quantiles).toEqual([5]);
  });

  it('of classes has the rows of each, the most frequent first, then by name', () => {
    expect(profileOfValues('y', Float64Array.from([2, 1, 2, 0, 0, 7]), true)).toEqual({
      ...{ name: 'y', type: 'text', sqlType: 'VARCHAR', rows: 6, missing: 0, notFinite: 0, distinct: 4 },
      categories: {
        top: [
          { value: '0', count: 2 },
          { value: '2', count: 2 },
          { value: '1', count: 1 },
          { value: '7', count: 1 },
        ],
        ...{ otherRows: 0, singletons: 2 },
      },
    });
  });
});
