import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import {
  alignColumns,
  type ColumnCells,
  coarsen,
  isDiscrete,
  joinEnds,
  missingRows,
  shareCells,
} from '../../../src/drift/judge/cells.js';
import { isCountedByValue } from '../../../src/drift/judge/effects/few-values.js';
import { numbers, repeated, texts, uniforms, windowOf } from './columns.js';

const NONE = { reference: 0, current: 0 };

/** A text column of which only the most frequent values are kept. */
const kept = (
  counts: Readonly<Record<string, number>>,
  otherRows: number,
  hashed?: readonly number[],
): ColumnProfile => {
  const column = texts(counts);
  const { categories } = column;
  if (categories === undefined) throw new Error('a text column has categories');
  return { ...column, rows: column.rows + otherRows, categories: { ...categories, otherRows, hashed } };
};

describe('text columns', () => {
  it('have a cell for each value of either window, and the last for the others', () => {
    expect(alignColumns(texts({ a: 30, b: 20 }, 5), texts({ b: 10, c: 40 }, 2))).toEqual({
      ...{ kind: 'categorical', edges: [], values: ['a', 'b', 'c'] },
      ...{ reference: [30, 20, 0, 0], current: [0, 10, 40, 0], missing: { reference: 5, current: 2 } },
    });
  });

  it('have cells for the frequent values alone, where the reference does not keep all', () => {
    const cells = alignColumns(kept({ a: 100, b: 30, c: 29 }, 50), kept({ a: 80, b: 10, c: 20, d: 300 }, 40));
    expect(cells).toMatchObject({ values: ['a', 'b'], reference: [100, 30, 79], current: [80, 10, 360] });
    expect(cells).not.toHaveProperty('isHashed');
  });

  it('share cells by hash, where the frequent ones are less than half of the rows', () => {
    const hashed = [
      [60, 50, 49],
      [40, 30, 90],
    ] as const;
    const pair = (others: number, now: readonly number[] = hashed[1]) =>
      alignColumns(kept({ a: 100 }, others, hashed[0]), kept({ a: 80 }, 80, now));
    // the aligned total counts the other rows too: 100 + 101 < 2 · 101
    expect(pair(101)).toMatchObject({
      ...{ isHashed: true, reference: [60, 50, 49, 0], current: [40, 30, 90, 0] },
      values: ['values that share hash 0 of 3', 'values that share hash 1 of 3', 'values that share hash 2 of 3'],
    });
    expect(pair(100)).toMatchObject({ values: ['a'], reference: [100, 100] });
    expect(pair(101, [40, 120])).toMatchObject({ values: ['a'] });
    expect(alignColumns(kept({ a: 100 }, 101), kept({ a: 80 }, 80, [40, 120]))).toMatchObject({ values: ['a'] });
  });

  it('cannot be compared with numbers', () => {
    expect(alignColumns(texts({ a: 100 }), numbers(uniforms(100)))).toBeUndefined();
    expect(alignColumns(numbers(uniforms(100)), texts({ a: 100 }))).toBeUndefined();
  });
});

describe('number columns', () => {
  const reference = numbers([1, 2, 2, 3, null]);

  it('have a cell for each kept value, one below and one above', () => {
    expect(alignColumns(reference, windowOf(reference, [0, 1, 2, 2.5, 4, 5, null, null]))).toMatchObject({
      ...{ kind: 'numeric', values: [], edges: [expect.closeTo(1, 9), 1, 2, 3] },
      ...{ reference: [0, 1, 2, 1, 0], current: [1, 1, 1, 1, 2], missing: { reference: 1, current: 2 } },
      ...{ isDiscrete: false, isByValue: false },
    });
  });

  it('count a window that was not counted in the reference’s cells by its own cells', () => {
    const cells = alignColumns(reference, numbers([0, 1, 2, 2.5, 4, 5]));
    expect(cells?.current).toEqual([1, 1, 1, 1, 2]);
    const stale = { ...numbers([0, 1, 2, 2.5, 4, 5]), counted: [6, 0] };
    expect(alignColumns(reference, stale)?.current).toEqual([1, 1, 1, 1, 2]);
  });

  it('of two values are categories, unless numbers are asked for', () => {
    const [before, now] = [
      repeated([
        [0, 60],
        [1, 40],
      ]),
      repeated([
        [0, 50],
        [1, 40],
        [2, 10],
      ]),
    ].map((values) => numbers(values));
    if (before === undefined || now === undefined) throw new Error('two columns');
    expect(alignColumns(before, now)).toMatchObject({
      ...{ kind: 'categorical', values: ['0', '1', '2'], reference: [60, 40, 0, 0], current: [50, 40, 10, 0] },
    });
    expect(alignColumns(before, now, { isNumeric: true })).toMatchObject({ kind: 'numeric', isDiscrete: true });
    expect(alignColumns(before, now, { isNumeric: true })?.missing).toEqual(NONE);
  });

  it('have few values where half of the kept ones are repeated', () => {
    const discrete = (values: readonly number[]) => {
      const { numeric } = numbers(values);
      return numeric !== undefined && isDiscrete(numeric);
    };
    expect(discrete([1, 1, 2, 2])).toBe(true);
    expect(discrete([1, 1, 2, 3])).toBe(false);
  });

  it('count missing and not finite rows as missing', () => {
    expect(missingRows({ ...reference, missing: 3, notFinite: 4 })).toBe(7);
  });
});

describe('a number column of few values', () => {
  const dice = numbers(repeated([1, 2, 3, 4, 5, 6].map((face) => [face, 20] as const)));
  const with20 = numbers(repeated(Array.from({ length: 20 }, (_, i) => [i, 10] as const)));
  it.each<[string, ColumnProfile, ColumnProfile, boolean]>([
    ['the same values', dice, dice, true],
    [
      'a value that is gone',
      dice,
      numbers(
        repeated([
          [1, 60],
          [6, 60],
        ]),
      ),
      true,
    ],
    [
      'values below and above',
      dice,
      numbers(
        repeated([
          [0, 30],
          [3, 30],
          [7, 60],
        ]),
      ),
      true,
    ],
    [
      'a value between',
      dice,
      numbers(
        repeated([
          [2.5, 60],
          [6, 60],
        ]),
      ),
      false,
    ],
    ['twenty values', with20, with20, true],
    ['more than twenty', numbers(repeated(Array.from({ length: 21 }, (_, i) => [i, 10] as const))), with20, false],
    [
      'forty values now',
      dice,
      numbers(repeated(Array.from({ length: 40 }, (_, i) => [i < 6 ? i + 1 : i + 10, 5] as const))),
      true,
    ],
    [
      'more than forty',
      dice,
      numbers(repeated(Array.from({ length: 41 }, (_, i) => [i < 6 ? i + 1 : i + 10, 5] as const))),
      false,
    ],
    ['infinite ones', { ...dice, notFinite: 1 }, dice, false],
    ['infinite ones now', dice, { ...dice, notFinite: 1 }, false],
    ['values that were not kept', { ...dice, distinct: 7 }, dice, false],
    ['text', texts({ a: 50 }), dice, false],
  ])('is counted by value: %s', (_, before, now, isByValue) => {
    expect(isCountedByValue(before, now)).toBe(isByValue);
  });
});

describe('cells for shares', () => {
  const numeric = (reference: readonly number[], current: readonly number[], missing = NONE): ColumnCells => ({
    ...{ kind: 'numeric', values: [], edges: [-1, ...reference.slice(2).keys()], missing, reference, current },
  });

  it('join neighbours until each holds a twentieth, and keep both ends apart', () => {
    const counts = [0, ...new Array<number>(40).fill(10), 0];
    const cells = coarsen(
      numeric(
        counts,
        counts.map((count, i) => (i % 2 === 0 ? count + 1 : count)),
      ),
    );
    expect(cells.reference).toEqual([0, ...new Array<number>(20).fill(20), 0]);
    expect(cells.current).toEqual([1, ...new Array<number>(20).fill(21), 0].map((count, i) => (i === 21 ? 0 : count)));
    expect(cells.edges).toEqual([-1, ...Array.from({ length: 20 }, (_, i) => 2 * i + 1)]);
    const uneven = coarsen(numeric([0, 30, 5, 10, 10, 345, 3, 0], [0, 1, 2, 3, 4, 5, 6, 7]));
    expect(uneven.reference).toEqual([0, 30, 25, 345, 3, 0]);
    expect(uneven.current).toEqual([0, 1, 9, 5, 6, 7]);
    expect(uneven.edges).toEqual([-1, 0, 3, 4, 5]);
  });

  it('have missing values last, where there are any, and none that are empty', () => {
    expect(shareCells(numeric([0, 500, 500, 0], [0, 300, 300, 50], { reference: 10, current: 0 }))).toEqual({
      reference: [500, 500, 0, 10],
      current: [300, 300, 50, 0],
    });
    expect(shareCells(numeric([0, 500, 500, 0], [0, 300, 300, 0], { reference: 0, current: 9 }))).toEqual({
      reference: [500, 500, 0],
      current: [300, 300, 9],
    });
    expect(shareCells(numeric([0, 500, 500, 0], [0, 300, 300, 0]))).toEqual({
      reference: [500, 500],
      current: [300, 300],
    });
    const categories: ColumnCells = {
      ...{ kind: 'categorical', edges: [], values: ['a', 'b'], missing: NONE },
      ...{ reference: [1, 0, 0], current: [0, 2, 0] },
    };
    expect(shareCells(categories)).toEqual({ reference: [1, 0], current: [0, 2] });
  });

  it('have their ends joined to the neighbours where a divergence is taken', () => {
    const cells = numeric([0, 10, 20, 30, 0], [1, 2, 3, 4, 5]);
    expect(joinEnds(cells)).toEqual({ ...cells, reference: [0, 10, 20, 30, 0], current: [0, 3, 3, 9, 0] });
    const two = numeric([0, 10], [1, 2]);
    expect(joinEnds(two)).toBe(two);
  });
});
