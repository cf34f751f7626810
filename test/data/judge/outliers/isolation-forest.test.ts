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
