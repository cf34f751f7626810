import { describe, expect, it } from 'vitest';
import { compareColumn } from '../../../../src/drift/judge/compare-column.js';
import {
  type NumericCells,
  wassersteinGrid,
  wassersteinOfCells,
} from '../../../../src/drift/judge/distances/wasserstein.js';
import { cellEdges, countInCells } from '../../../../src/statistics/distribution.js';
import { numbers, OPTIONS, repeated, uniforms, windowOf } from '../columns.js';

/** Three edges: nothing of the reference lies below 0 or above 3, and half of it on each side of 1. */
const HALVES = { edges: [0, 1, 3], reference: [0, 50, 50, 0] } as const;
const stepsOf = (cells: NumericCells) =>
  wassersteinGrid(cells).steps.map(({ width, difference, below }) =>
    [width, difference, below].map((x) => Number(x.toFixed(12))),
  );

describe('the area between two distributions in cells', () => {
  it('is that of straight lines between the edges', () => {
    // of 100 and 300 rows: the shares at the edges are 0, ½, 1 and 0, 0, 1
    const cells = { ...HALVES, current: [0, 0, 300, 0] };
    expect(stepsOf(cells)).toEqual([
      [1, 0.25, 25 / 400],
      [2, 0.25, (75 + 150) / 400],
    ]);
    expect(wassersteinOfCells(cells).unscaled).toBeCloseTo(0.25 + 0.5, 12);
  });

  it('is that of stairs where a column has few values', () => {
    const cells = { ...HALVES, current: [0, 0, 300, 0], isDiscrete: true };
    expect(stepsOf(cells)).toEqual([
      [1, 0, 0],
      [2, 0.5, 50 / 400],
    ]);
    expect(wassersteinOfCells(cells).unscaled).toBeCloseTo(1, 12);
  });

  it.each([
    [false, 0.05, 0.7],
    [true, 0.2, 0.6],
  ])('goes on to the values of the window outside, few values or not: %j', (isDiscrete, first, second) => {
    // shares of the window: 0.2 below 0, none up to 1, 0.4 up to 3, 0.4 above
    const cells = { ...HALVES, current: [60, 0, 120, 120], isDiscrete };
    const unscaled = (kept?: readonly number[]) => wassersteinOfCells({ ...cells, kept }).unscaled;
    const inside = first + second;
    expect(unscaled()).toBeCloseTo(inside, 12);
    expect(unscaled([0, 2, 3])).toBeCloseTo(inside, 12);
    expect(unscaled([0, 2, 5])).toBeCloseTo(inside + 0.4 * 2, 12);
    expect(unscaled([0, 2, 5, 6])).toBeCloseTo(inside + 0.4 * 2 + 0.2, 12);
    expect(unscaled([-2, 2, 3])).toBeCloseTo(inside + 0.2 * 2, 12);
    expect(unscaled([-2, -1, 3])).toBeCloseTo(inside + 0.1 + 0.2, 12);
    const steps = stepsOf({ ...cells, kept: [-2, 2, 5, 6] });
    expect(steps[0]).toEqual([2, -0.2, 60 / 400]);
    expect(steps.slice(-2)).toEqual([
      [2, 0.4, (100 + 180) / 400],
      [1, 0.2, (100 + 240) / 400],
    ]);
  });

  it('is none without a value', () => {
    expect(wassersteinOfCells({ edges: [], reference: [0], current: [5] })).toEqual({ unscaled: 0, normed: 0 });
  });
});

describe('values beyond the fences', () => {
  it('count as lying three interquartile ranges from the quartiles', () => {
    // the quartiles are 1 and 3, the fences −5 and 9
    const beyond = (current: readonly number[], ...kept: readonly number[]) =>
      wassersteinOfCells({ ...HALVES, current, kept }).unscaled;
    expect(beyond([0, 0, 0, 100], 9)).toBeCloseTo(0.25 + 0.75 * 2 + 6, 12);
    expect(beyond([0, 0, 0, 100], 1009)).toBeCloseTo(0.25 + 0.75 * 2 + 6, 12);
    expect(beyond([0, 0, 0, 100], 4, 1009)).toBeCloseTo(0.25 + 0.75 * 2 + 1 + 5 / 2, 12);
    expect(beyond([100, 0, 0, 0], -1005)).toBeCloseTo(0.75 + 0.25 * 2 + 5, 12);
  });

  it('cut a cell where they cross it', () => {
    // quartiles 1 and 3, fences −5 and 9: of the last cell, from 3 to 15, only the first half counts
    const cells = { edges: [0, 1, 3, 15], reference: [0, 40, 40, 20, 0], current: [0, 0, 0, 100, 0] };
    // the shares there are 0.8 and 0.9 of the reference, 0 and 0.5 of the window
    expect(wassersteinOfCells(cells).unscaled).toBeCloseTo(0.2 + 0.6 * 2 + ((0.8 + 0.4) / 2) * 6, 12);
  });

  it.each([1e6, 1e300, -1e300])('move nothing if it is one value: %d', (wild) => {
    const before = Array.from({ length: 1000 }, (_, i) => i);
    const distance = (now: readonly number[]) => {
      const edges = cellEdges(before);
      const [reference, current] = [countInCells(edges, before), countInCells(edges, now)];
      return wassersteinOfCells({ edges, reference, current, kept: now.toSorted((a, b) => a - b) }).normed;
    };
    expect(distance([...before, wild])).toBeLessThan(0.01);
    const moved = before.map((x) => x + 100);
    expect(distance(moved)).toBeCloseTo(100 / (500 / 1.349), 2);
    expect(Math.abs(distance([...moved, wild]) - distance(moved))).toBeLessThan(0.01);
  });
});

describe('the unit of the distance', () => {
  const scaleOf = (reference: readonly number[], edges: readonly number[] = reference.slice(1).map((_, i) => i)) =>
    wassersteinGrid({ edges, reference, current: reference }).scale;
  /** Width of the last step: rows beyond the largest value of the reference count up to the upper fence. */
  const reachOf = (reference: readonly number[], edges: readonly number[] = reference.slice(1).map((_, i) => i)) => {
    const current = reference.map((_, i) => (i === reference.length - 1 ? 100 : 0));
    return wassersteinGrid({ edges, reference, current, kept: [1e9] }).steps.at(-1)?.width;
  };

  it('is the interquartile range, as a deviation of a normal law', () => {
    // a quarter of the rows up to 1, 2, 3 and 4
    expect(scaleOf([0, 25, 25, 25, 25, 0])).toBeCloseTo(2 / 1.349, 12);
    expect(reachOf([0, 25, 25, 25, 25, 0])).toBeCloseTo(3 + 3 * 2 - 4, 12);
  });

  it('is taken from the 1st and 99th percentiles if the quartiles are equal', () => {
    expect(scaleOf([0, 2, 96, 2, 0])).toBeCloseTo(2 / 4.653, 12);
    expect(reachOf([0, 2, 96, 2, 0])).toBeCloseTo((3 * 2) / 4.653, 9);
  });

  it('is the range if these are equal, too, and not that of the window', () => {
    expect(scaleOf([0, 4, 992, 4, 0])).toBe(2);
    expect(reachOf([0, 4, 992, 4, 0])).toBeCloseTo(3 * 2, 9);
    const far = { edges: [0, 1, 2, 3], reference: [0, 4, 992, 4, 0], current: [1000, 0, 0, 0, 0] };
    expect(wassersteinGrid({ ...far, kept: [-1000] }).scale).toBe(2);
  });

  it('is 1 for a constant', () => {
    const edges = cellEdges([5, 5]);
    expect(scaleOf([0, 100, 0], edges)).toBe(1);
    expect(reachOf([0, 100, 0], edges)).toBeCloseTo(3, 9);
  });
});

describe('a column that has left its values', () => {
  const verdictOf = (before: readonly number[], now: readonly number[]) => {
    const reference = numbers(before);
    return compareColumn(reference, windowOf(reference, now), { ...OPTIONS, method: 'wasserstein' });
  };
  const constant = repeated([[5, 1000]]);
  const nearly = [...uniforms(20, 0, 10), ...repeated([[10, 980]])];

  it.each<readonly [string, readonly number[], readonly number[]]>([
    ['a constant, upwards', constant, uniforms(1000, 6)],
    ['a constant, downwards', constant, uniforms(1000, 3)],
    ['mostly one value, upwards', nearly, uniforms(1000, 50, 10)],
    ['mostly one value, downwards', nearly, uniforms(1000, -60, 10)],
  ])('is drift by this distance: %s', (_, before, now) => {
    expect(verdictOf(before, now)).toMatchObject({ verdict: 'drift', method: 'wasserstein' });
  });

  it('is not one in which a single value is wild', () => {
    for (const before of [constant, nearly, uniforms(1000)])
      expect(verdictOf(before, [...before.slice(1), 1e300]).verdict).toBe('stable');
  });

  it('has moved by as much as its values have', () => {
    expect(verdictOf(uniforms(1000), uniforms(1000, 0.5)).unscaled).toBeCloseTo(0.5, 2);
    expect(verdictOf(uniforms(1000), uniforms(1000, -0.5)).unscaled).toBeCloseTo(0.5, 2);
  });
});
