import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chiSquare, mergeRare } from '../../../src/drift/judge/distances/chi-square.js';
import { hellinger } from '../../../src/drift/judge/distances/hellinger.js';
import { jensenShannon } from '../../../src/drift/judge/distances/jensen-shannon.js';
import { ksOfCells, ksOfRows } from '../../../src/drift/judge/distances/ks.js';
import { kullbackLeibler } from '../../../src/drift/judge/distances/kullback-leibler.js';
import { lInfinity } from '../../../src/drift/judge/distances/l-infinity.js';
import { psi } from '../../../src/drift/judge/distances/psi.js';
import { totalVariation } from '../../../src/drift/judge/distances/tvd.js';
import { wassersteinOfCells, wassersteinOfRows } from '../../../src/drift/judge/distances/wasserstein.js';
import { ksPValue } from '../../../src/drift/judge/laws/ks-law.js';
import { cellEdges, countInCells } from '../../../src/statistics/distribution.js';
import { chiSquareTail, gammaTail, normalTail } from '../../../src/statistics/special-functions.js';

/** What scipy says: test/fixtures/distances/generate.py. */
const SCIPY: {
  readonly rows: readonly {
    readonly kind: string;
    readonly reference: readonly number[];
    readonly current: readonly number[];
    readonly ks: number;
    readonly wasserstein: number;
  }[];
  readonly cells: readonly (Readonly<Record<string, number>> & {
    readonly reference: readonly number[];
    readonly current: readonly number[];
  })[];
  readonly tails: {
    readonly gamma: readonly (readonly [number, number, number])[];
    readonly chi_square: readonly (readonly [number, number, number])[];
    readonly normal: readonly (readonly [number, number])[];
    readonly kolmogorov: readonly (readonly [number, number])[];
  };
} = JSON.parse(readFileSync('test/fixtures/distances/distances.json', 'utf8'));

describe('against scipy', () => {
  it.each(SCIPY.rows.map((one) => [one.kind, one] as const))('KS and Wasserstein of rows: %s', (_, one) => {
    expect(ksOfRows(one.reference, one.current)).toBeCloseTo(one.ks, 9);
    expect(wassersteinOfRows(one.reference, one.current)).toBeCloseTo(one.wasserstein, 9);
  });

  it.each([
    ['jensen_shannon', jensenShannon],
    ['hellinger', hellinger],
    ['kullback_leibler', kullbackLeibler],
    ['psi', psi],
    ['tvd', totalVariation],
    ['l_infinity', lInfinity],
    ['chi_square', chiSquare],
  ] as const)('%s of cells', (name, distance) => {
    for (const one of SCIPY.cells) expect(distance(one)).toBeCloseTo(one[name] ?? Number.NaN, 9);
  });

  it('tails of gamma, chi-square, normal and Kolmogorov laws', () => {
    for (const [a, x, p] of SCIPY.tails.gamma) expect(gammaTail(a, x) / p).toBeCloseTo(1, 9);
    for (const [x, df, p] of SCIPY.tails.chi_square) expect(chiSquareTail(x, df) / p).toBeCloseTo(1, 9);
    for (const [z, p] of SCIPY.tails.normal) expect(normalTail(z) / p).toBeCloseTo(1, 9);
    for (const [x, p] of SCIPY.tails.kolmogorov) expect(ksPValue(x / Math.sqrt(50), 100, 100)).toBeCloseTo(p, 9);
  });
});

describe('from cells', () => {
  const inCells = (reference: readonly number[], current: readonly number[]) => {
    const sorted = [...reference].sort((a, b) => a - b);
    const edges = cellEdges(sorted);
    return { edges, reference: countInCells(edges, reference), current: countInCells(edges, current) };
  };

  it.each(SCIPY.rows.map((one) => [one.kind, one] as const))('KS is a lower bound within one cell: %s', (_, one) => {
    const cells = inCells(one.reference, one.current);
    const share = Math.max(...cells.current) / one.current.length;
    expect(ksOfCells(cells)).toBeLessThanOrEqual(one.ks + 1e-12);
    expect(ksOfCells(cells)).toBeGreaterThanOrEqual(one.ks - share);
  });

  it('Wasserstein is the shift, in units of a robust deviation too', () => {
    const grid = Array.from({ length: 2000 }, (_, i) => i / 100);
    const cells = inCells(
      grid,
      grid.map((x) => x + 1),
    );
    expect(wassersteinOfCells(cells).unscaled).toBeCloseTo(0.975, 1);
    expect(wassersteinOfCells(cells).normed).toBeCloseTo(wassersteinOfCells(cells).unscaled / (10 / 1.349), 2);
  });

  it.each([1e6, 1e300, -1e300])('one value of %d moves no distance of KS', (wild) => {
    const [a, b] = [Array.from({ length: 1000 }, (_, i) => i), Array.from({ length: 1000 }, (_, i) => i + 100)];
    expect(ksOfCells(inCells([...a, wild], b))).toBeCloseTo(0.1, 2);
    expect(ksOfCells(inCells(a, [...b, wild]))).toBeCloseTo(0.1, 2);
  });

  it('Wasserstein of a column of few values is exact', () => {
    const cells = { ...inCells([0, 0, 0, 1, 1, 2], [0, 1, 1, 1, 2, 2]), isDiscrete: true };
    expect(wassersteinOfCells(cells).unscaled).toBeCloseTo(
      wassersteinOfRows([0, 0, 0, 1, 1, 2], [0, 1, 1, 1, 2, 2]),
      9,
    );
  });

  it('has under and over cells that are empty for the reference itself', () => {
    const cells = inCells([1, 2, 2, 3], [0, 1, 2, 4]);
    expect(cells.reference).toEqual([0, 1, 2, 1, 0]);
    expect(cells.current).toEqual([1, 1, 1, 0, 1]);
  });

  it('merges what is too rare for the chi-square law, and keeps every row', () => {
    const merged = mergeRare({ reference: [100, 2, 1, 0, 50], current: [90, 0, 1, 3, 60] });
    expect(merged.reference).toEqual([100, 53]);
    expect(merged.current).toEqual([90, 64]);
  });
});

describe('cells with too few rows for the chi-square law', () => {
  const merged = (reference: readonly number[], current: readonly number[]) => mergeRare({ reference, current });

  // of a thousand and a hundred rows, 55 in both windows make five expected in the smaller one
  it.each([
    ['stay where they have enough', [850, 100, 50], [85, 10, 5], [850, 100, 50], [85, 10, 5]],
    ['make one cell if that has enough', [900, 40, 35, 25], [90, 4, 3, 3], [900, 100], [90, 10]],
    ['are one cell of exactly enough', [950, 30, 20], [95, 3, 2], [950, 50], [95, 5]],
    ['join the smallest cell otherwise', [870, 100, 15, 15], [87, 10, 3, 0], [870, 130], [87, 13]],
    ['and the smallest of both windows', [200, 70, 700, 30], [40, 4, 54, 2], [200, 100, 700], [40, 6, 54]],
    ['with no rows are left out', [900, 100, 0], [90, 10, 0], [900, 100], [90, 10]],
  ])('%s', (_, reference, current, before, now) => {
    expect(merged(reference, current)).toEqual({ reference: before, current: now });
  });

  it('are all rows of a tiny window', () => {
    expect(merged([3, 2], [1, 1])).toEqual({ reference: [5], current: [2] });
  });

  it('add nothing without rows', () => {
    expect(chiSquare({ reference: [50, 50, 0], current: [30, 70, 0] })).toBeCloseTo(
      chiSquare({ reference: [50, 50], current: [30, 70] }),
      12,
    );
  });
});
