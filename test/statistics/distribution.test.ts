import { describe, expect, it } from 'vitest';
import type { CategoryProfile, NumericProfile } from '../../src/domain/data/profile.js';
import {
  alignCategories,
  cellEdges,
  coarseEdges,
  countInCells,
  middleShare,
  ownCells,
  quantileDistance,
  recount,
  total,
  totalVariation,
} from '../../src/statistics/distribution.js';

/** The largest number below x. */
function below(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  if (x === 0) return -Number.MIN_VALUE;
  view.setBigInt64(0, view.getBigInt64(0) + (x > 0 ? -1n : 1n));
  return view.getFloat64(0);
}

describe('cells of a number column', () => {
  it('end just below the smallest value, then at every different one', () => {
    expect(cellEdges([1, 1, 2, 5, 5])).toEqual([below(1), 1, 2, 5]);
    expect(cellEdges([-3, 0])).toEqual([below(-3), -3, 0]);
    expect(cellEdges([0])).toEqual([-Number.MIN_VALUE, 0]);
    expect(cellEdges([])).toEqual([]);
    for (const x of [1, -3, 1e300, 5e-324]) {
      const [edge = x] = cellEdges([x]);
      expect(edge).toBeLessThan(x);
      expect((edge + x) / 2 === edge || (edge + x) / 2 === x).toBe(true);
    }
  });

  it('hold what lies above the edge before, up to and with their own', () => {
    const edges = cellEdges([1, 2, 5]);
    expect(countInCells(edges, [0, 0.99, 1, 1.01, 2, 3, 5, 5.01, 9, 9])).toEqual([2, 1, 2, 2, 3]);
    expect(countInCells([], [1, 2])).toEqual([2]);
    expect(countInCells(edges, [])).toEqual([0, 0, 0, 0, 0]);
  });

  it('are about 32 where they are many, at equal counts, with both ends', () => {
    const quantiles = Array.from({ length: 1001 }, (_, i) => i);
    const edges = coarseEdges(quantiles);
    expect(edges).toHaveLength(34);
    expect(edges.slice(0, 2)).toEqual([below(0), 0]);
    expect(edges.at(-1)).toBe(1000);
    expect(edges.slice(1)).toEqual(Array.from({ length: 33 }, (_, i) => Math.round((i / 32) * 1000)));
  });

  it('stay as they are where they are few', () => {
    const few = (count: number) => Array.from({ length: count }, (_, i) => i);
    expect(coarseEdges(few(33))).toEqual(cellEdges(few(33)));
    expect(coarseEdges(few(34))).not.toEqual(cellEdges(few(34)));
    expect(coarseEdges(few(34))).toHaveLength(34);
  });

  it('leave out edges that come twice', () => {
    const quantiles = [...new Array<number>(500).fill(0), ...Array.from({ length: 501 }, (_, i) => i)];
    const edges = coarseEdges(quantiles);
    expect(new Set(edges).size).toBe(edges.length);
    expect([...edges].sort((a, b) => a - b)).toEqual(edges);
    expect(edges.slice(0, 2)).toEqual([below(0), 0]);
    expect(edges.at(-1)).toBe(500);
  });

  it('are counted again in other cells at their upper edge', () => {
    expect(recount({ edges: [0, 1, 2, 3], counts: [1, 2, 4, 8, 16] }, [1, 3])).toEqual([3, 12, 16]);
    expect(recount({ edges: [0, 1], counts: [1, 2, 4] }, [])).toEqual([7]);
  });

  it('hold the exact counts where there are some, else each kept rank its share of the rows', () => {
    const numeric = { quantiles: [1, 2, 2, 4] } as unknown as NumericProfile;
    expect(ownCells(numeric, 100)).toEqual({ edges: [below(1), 1, 2, 4], counts: [0, 25, 50, 25, 0] });
    const counted = { ...numeric, counts: [0, 7, 8, 9, 0] };
    expect(ownCells(counted, 100)).toEqual({ edges: [below(1), 1, 2, 4], counts: [0, 7, 8, 9, 0] });
    expect(ownCells({ quantiles: [] } as unknown as NumericProfile, 0)).toEqual({ edges: [], counts: [0] });
  });
});

describe('the Kolmogorov–Smirnov distance of kept ranks', () => {
  it.each([
    [[1, 2, 3, 4], [1, 2, 3, 4], 0],
    [[1, 2, 3, 4], [5, 6], 1],
    [[1, 2, 3, 4], [3, 4, 5, 6], 0.5],
    [[3, 4, 5, 6], [1, 2, 3, 4], 0.5],
    [[1, 1, 1, 2], [1, 2, 2, 2], 0.5],
    [[2], [1, 2, 3, 4], 0.5],
  ])('of %j and %j is %f', (reference, current, distance) => {
    expect(quantileDistance(reference, current)).toBe(distance);
  });
});

const categories = (top: Readonly<Record<string, number>>, otherRows = 0): CategoryProfile =>
  ({ top: Object.entries(top).map(([value, count]) => ({ value, count })), otherRows }) as unknown as CategoryProfile;

describe('cells of a category column', () => {
  it('are the kept values of both, and one for the rest', () => {
    expect(alignCategories(categories({ a: 5, b: 3 }, 2), categories({ b: 4, c: 1 }, 7))).toEqual({
      values: ['a', 'b', 'c'],
      reference: [5, 3, 0, 2],
      current: [0, 4, 1, 7],
    });
  });
});

describe('the total variation distance', () => {
  it.each([
    [[1, 1], [2, 2], 0],
    [[4, 0], [0, 9], 1],
    [[3, 1], [1, 3], 0.5],
    [[1, 1, 2], [2, 1, 1], 0.25],
  ])('of %j and %j is %f', (reference, current, distance) => {
    expect(totalVariation({ reference, current })).toBeCloseTo(distance, 12);
  });

  it('is taken of shares: the total counts', () => {
    expect(total([1, 2, 3])).toBe(6);
    expect(total([])).toBe(0);
    expect(totalVariation({ reference: [1, 3], current: [100, 300] })).toBeCloseTo(0, 12);
  });
});

describe('the middle share of a value', () => {
  it('counts the values below it, and half of those at it', () => {
    const sorted = [1, 2, 2, 4];
    expect([0, 1, 2, 3, 4, 5].map((x) => middleShare(sorted, x))).toEqual([0, 1 / 8, 1 / 2, 3 / 4, 7 / 8, 1]);
  });
});
