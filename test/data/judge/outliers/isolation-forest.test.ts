import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expectedPath,
  FOREST,
  FOREST_THRESHOLD,
  growForest,
} from '../../../../src/data/judge/outliers/isolation-forest.js';
import { seededNormal } from '../../../../src/statistics/random.js';

const cloud = (count: number, seed: number): (readonly number[])[] => {
  const normal = seededNormal(seed);
  return Array.from({ length: count }, () => {
    const x = normal();
    // the two columns go together: a row may be odd although each of its values is ordinary
    return [x, x + 0.1 * normal()];
  });
};

describe('expectedPath', () => {
  it('is the mean depth of a binary search tree', () => {
    expect(expectedPath(1)).toBe(0);
    expect(expectedPath(2)).toBe(1);
    expect(expectedPath(256)).toBeCloseTo(10.2448, 3);
  });
});

describe('growForest', () => {
  it('sets a far row apart, and few others', () => {
    const rows = cloud(2000, 1);
    const forest = growForest(rows);
    expect(forest?.score([9, -9])).toBeGreaterThan(FOREST_THRESHOLD);
    expect(forest?.score([0, 0])).toBeLessThan(0.5);
    expect(rows.filter((row) => (forest?.score(row) ?? 1) > FOREST_THRESHOLD).length / rows.length).toBeLessThan(0.05);
  });

  it('ranks a row with ordinary values in an unusual combination above the ordinary rows', () => {
    const forest = growForest(cloud(2000, 2));
    expect(forest?.score([1.5, -1.5])).toBeGreaterThan(forest?.score([1.5, 1.5]) ?? 1);
  });

  it('gives the same scores between 0 and 1 for the same seed, also to missing and infinite values', () => {
    const rows = cloud(300, 3);
    const [a, b] = [growForest(rows), growForest(rows, FOREST)];
    const value = fc.oneof(fc.double(), fc.constant(null), fc.constant(undefined));
    fc.assert(
      fc.property(fc.tuple(value, value), (row) => {
        const score = a?.score(row) ?? -1;
        expect(score).toBe(b?.score(row));
        expect(score).toBeGreaterThan(0);
        expect(score).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on the unit of a column', () => {
    const rows = cloud(400, 4);
    const forest = growForest(rows);
    const scaled = growForest(rows.map(([x = 0, y = 0]) => [x * 1024, y]));
    for (const [x = 0, y = 0] of rows.slice(0, 50))
      expect(scaled?.score([x * 1024, y])).toBeCloseTo(forest?.score([x, y]) ?? 0, 9);
  });

  it('is undefined without rows, or if no column varies', () => {
    expect(growForest([])).toBeUndefined();
    expect(growForest([[1]])).toBeUndefined();
    expect(
      growForest([
        [1, 2],
        [1, 2],
        [1, 2],
      ]),
    ).toBeUndefined();
  });
});

describe('the paths of a row, whose mean length follows from the gaps between few values', () => {
  /** So many trees that the mean path is known to a hundredth; each is grown on all rows. */
  const MANY = { ...FOREST, trees: 20_000 };
  const paths = (
    values: readonly number[],
    rows = values.map((value): readonly number[] => [value]),
    options = MANY,
  ) => {
    const forest = growForest(rows, options);
    const scale = expectedPath(rows.length);
    return rows.map((row) => -Math.log2(forest?.score(row) ?? 1) * scale);
  };
  const expectPaths = (found: readonly number[], expected: readonly number[]) =>
    found.forEach((length, i) => {
      expect(length).toBeCloseTo(expected[i] ?? 0, 1);
    });

  it('is one cut for either of two rows', () => {
    expect(growForest([[0], [1]])?.score([0])).toBe(0.5);
    expect(growForest([[0], [1]])?.score([1])).toBe(0.5);
  });

  it('is shorter for the row beside the larger gap', () => {
    // 2 of 3 first cuts fall between 1 and 3, and isolate 3; the others isolate 0
    expectPaths(paths([3, 0, 1]), [4 / 3, 5 / 3, 2]);
  });

  it('takes no cut from a column that does not vary', () => {
    const rows = [
      [7, 3],
      [7, 0],
      [7, 1],
    ];
    expectPaths(paths([], rows), [4 / 3, 5 / 3, 2]);
  });

  it('ends after log₂ n cuts, with the expected length for the rows that are left together', () => {
    const left = 3 + expectedPath(3);
    // a few trees show it: hardly any cut falls below the largest gap
    const rows = [5e4, 1, 2, 0, 1e8, 1e12].map((value) => [1e5 + value]);
    expectPaths(paths([], rows, { ...FOREST, trees: 20 }), [3, left, left, left, 2, 1]);
  });

  it('cuts whichever column varies, somewhere between its ends', () => {
    const rows = [
      [-4, 7],
      [-4, 8],
      [-3, 7],
    ];
    // either column isolates one row; the other two are left for the next cut
    const [both, ...others] = paths([], rows, { ...FOREST, trees: 2000 });
    expect(both).toBeCloseTo(2, 1);
    expect(others.map((length) => Math.round(2 * length) / 2)).toEqual([1.5, 1.5]);
  });

  it('cuts between finite values only', () => {
    // one cut isolates 0; 1 and infinity stay together
    const one = { ...FOREST, trees: 1 };
    expectPaths(paths([0, 1, Number.POSITIVE_INFINITY], undefined, one), [1, 2, 2]);
    expectPaths(paths([0, 1, Number.NEGATIVE_INFINITY], undefined, one), [2, 1, 2]);
  });

  it('is that of a sample of 256 rows without replacement in a longer table', () => {
    // 320 ones after 2,240 zeros: 32 of 256 on average, which the first cut sets apart
    const rows = Array.from({ length: 2560 }, (_, i) => [i < 2240 ? 0 : 1]);
    const forest = growForest(rows);
    const path = (value: number): number => -Math.log2(forest?.score([value]) ?? 1) * expectedPath(256);
    expect(path(1)).toBeCloseTo(1 + expectedPath(32), 0);
    expect(path(0)).toBeCloseTo(1 + expectedPath(224), 0);
  });
});

describe('a missing value', () => {
  const NONE = [null, undefined, Number.NaN];
  const values = [100, 1, 4, 2, 3];

  it('is read as the median of the finite ones', () => {
    const rows = [...values, Number.POSITIVE_INFINITY, ...NONE].map((value) => [value]);
    const filled = [...values, Number.POSITIVE_INFINITY, 3, 3, 3].map((value) => [value]);
    const [forest, same] = [growForest(rows), growForest(filled)];
    const scores = [1, 2, 3, 4, 100].map((value) => forest?.score([value]));
    expect(scores).toEqual([1, 2, 3, 4, 100].map((value) => same?.score([value])));
    expect(new Set(scores).size).toBe(5);
    for (const none of NONE) expect(forest?.score([none])).toBe(scores[2]);
  });
});
