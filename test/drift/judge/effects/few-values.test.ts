import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../../src/domain/data/profile.js';
import { categoryPair, isCountedByValue } from '../../../../src/drift/judge/effects/few-values.js';
import { numbers, repeated, texts, windowOf } from '../columns.js';

const yesNo = numbers(
  repeated([
    [1, 60],
    [2, 40],
  ]),
);
const topOf = (reference: ColumnProfile, current: ColumnProfile) => categoryPair(reference, current)?.current.top;

describe('a number column of two values as categories', () => {
  it('has its values by their rows, equal ones by name, and none without rows', () => {
    const even = numbers(
      repeated([
        [2, 50],
        [10, 50],
      ]),
    );
    expect(categoryPair(even, even)?.reference.top).toEqual([
      { value: '10', count: 50 },
      { value: '2', count: 50 },
    ]);
    expect(topOf(yesNo, windowOf(yesNo, repeated([[2, 30]])))).toEqual([{ value: '2', count: 30 }]);
  });

  it('counts values that occur once', () => {
    const window = windowOf(
      yesNo,
      repeated([
        [1, 30],
        [7, 1],
      ]),
    );
    expect(categoryPair(yesNo, window)?.current).toMatchObject({ otherRows: 0, singletons: 1 });
  });

  it('leaves missing rows out, and is none with infinite ones', () => {
    const gaps = numbers([
      ...repeated([
        [1, 60],
        [2, 40],
      ]),
      ...new Array<null>(20).fill(null),
    ]);
    expect(categoryPair(gaps, gaps)?.reference.top).toEqual([
      { value: '1', count: 60 },
      { value: '2', count: 40 },
    ]);
    expect(categoryPair({ ...yesNo, notFinite: 1 }, yesNo)).toBeUndefined();
    expect(categoryPair(yesNo, { ...yesNo, notFinite: 1 })).toBeUndefined();
  });

  it('is none with three values, or with a value that was not kept', () => {
    const three = numbers(
      repeated([
        [1, 60],
        [2, 40],
        [3, 1],
      ]),
    );
    expect(categoryPair(three, yesNo)).toBeUndefined();
    expect(categoryPair({ ...yesNo, distinct: 3 }, yesNo)).toBeUndefined();
    // the window may have twenty
    const many = (count: number) =>
      windowOf(
        yesNo,
        Array.from({ length: 200 }, (_, i) => 1 + (i % count)),
      );
    expect(categoryPair(yesNo, many(20))?.current.top).toHaveLength(20);
    expect(categoryPair(yesNo, many(21))).toBeUndefined();
  });

  it('is not compared with text', () => {
    expect(categoryPair(yesNo, texts({ a: 5 }))).toBeUndefined();
    expect(categoryPair(texts({ a: 5 }), texts({ b: 5 }))?.current.top).toEqual([{ value: 'b', count: 5 }]);
  });
});

describe('the rows of a window that was counted in the cells of the reference', () => {
  /** A window that keeps these values, and in each cell of the reference (below 1, 1, up to 2, above) so many rows. */
  const counted = (kept: readonly number[], rows: readonly number[]) => {
    const { numeric, ...window } = numbers(kept);
    return {
      ...window,
      ...(numeric === undefined ? {} : { numeric: { ...numeric, counts: undefined } }),
      counted: rows,
    };
  };

  it('are those, also of a value that was too rare to be kept', () => {
    expect(topOf(yesNo, counted([1, 1, 1], [0, 2995, 5, 0]))).toEqual([
      { value: '1', count: 2995 },
      { value: '2', count: 5 },
    ]);
    expect(topOf(yesNo, counted([1, 1, 2], [0, 0, 5, 0]))).toEqual([{ value: '2', count: 5 }]);
  });

  it('are shared by the new values of a cell as they were kept', () => {
    expect(topOf(yesNo, counted([1, 1, 7, 8, 8], [0, 600, 0, 900]))).toEqual([
      { value: '1', count: 600 },
      { value: '8', count: 600 },
      { value: '7', count: 300 },
    ]);
    // rows above the last value, of which none was kept, have no value
    expect(topOf(yesNo, counted([1, 1, 1], [0, 600, 0, 1]))).toEqual([{ value: '1', count: 600 }]);
  });

  it('are as kept if the cells are others', () => {
    expect(topOf(yesNo, counted([1, 1, 2], [0, 600, 5]))).toEqual([
      { value: '1', count: 2 },
      { value: '2', count: 1 },
    ]);
  });
});

describe('a number column is counted by value', () => {
  const five = numbers(
    repeated([
      [1, 10],
      [2, 10],
      [3, 10],
      [4, 10],
      [5, 10],
    ]),
  );

  it('if no value of the window lies between those of the reference', () => {
    const isCounted = (...values: readonly number[]) => isCountedByValue(five, windowOf(five, values));
    expect(isCounted(1, 3, 5)).toBe(true);
    expect(isCounted(1, 3, 5, 6)).toBe(true);
    expect(isCounted(1, 3, 5, 0)).toBe(true);
    expect(isCounted(1, 3, 3.5)).toBe(false);
  });

  it('with at most twenty values in the reference, and forty in the window', () => {
    const upTo = (count: number) => numbers(Array.from({ length: 200 }, (_, i) => i % count));
    expect(isCountedByValue(upTo(20), upTo(20))).toBe(true);
    expect(isCountedByValue(upTo(21), upTo(20))).toBe(false);
    expect(isCountedByValue(upTo(20), upTo(40))).toBe(true);
    expect(isCountedByValue(upTo(20), upTo(41))).toBe(false);
    expect(isCountedByValue(texts({ a: 9 }), upTo(3))).toBe(false);
    expect(isCountedByValue(upTo(3), texts({ a: 9 }))).toBe(false);
  });
});
