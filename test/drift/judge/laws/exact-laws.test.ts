import { describe, expect, it } from 'vitest';
import { chiSquareLaw } from '../../../../src/drift/judge/laws/chi-square-law.js';
import { ksLimit, ksPValue } from '../../../../src/drift/judge/laws/ks-law.js';
import { lInfinityLaw } from '../../../../src/drift/judge/laws/l-infinity-law.js';
import { permutationLaw } from '../../../../src/drift/judge/laws/permutation-law.js';
import { tvdLaw, tvdMoments } from '../../../../src/drift/judge/laws/tvd-law.js';
import { type Cells, total, totalVariation } from '../../../../src/statistics/distribution.js';
import { normalQuantile } from '../../../../src/statistics/normal.js';
import { normalTail, pearsonTail } from '../../../../src/statistics/special-functions.js';

interface Outcome {
  readonly chance: number;
  readonly cells: Cells;
}

const logFactorials = [0];
for (let i = 1; i <= 2000; i++) logFactorials.push((logFactorials[i - 1] ?? 0) + Math.log(i));
const logChoose = (n: number, k: number): number =>
  (logFactorials[n] ?? 0) - (logFactorials[k] ?? 0) - (logFactorials[n - k] ?? 0);

/** Every way to deal the pooled rows out to n and the rest, with its chance: the multivariate hypergeometric law. */
function deals(pooled: readonly number[], n: number): readonly Outcome[] {
  const all = total(pooled);
  const found: Outcome[] = [];
  const deal = (drawn: readonly number[], left: number): void => {
    const count = pooled[drawn.length];
    if (count === undefined) {
      if (left > 0) return;
      const ways = drawn.reduce((sum, x, i) => sum + logChoose(pooled[i] ?? 0, x), 0);
      const rest = pooled.map((rows, i) => rows - (drawn[i] ?? 0));
      found.push({ chance: Math.exp(ways - logChoose(all, n)), cells: { reference: drawn, current: rest } });
      return;
    }
    for (let x = 0; x <= Math.min(count, left); x++) deal([...drawn, x], left - x);
  };
  deal([], n);
  return found;
}

function exactMoments(outcomes: readonly Outcome[], distance: (cells: Cells) => number) {
  const mean = total(outcomes.map((one) => one.chance * distance(one.cells)));
  const moment = (power: number) => total(outcomes.map((one) => one.chance * (distance(one.cells) - mean) ** power));
  return { mean, sd: Math.sqrt(moment(2)), skew: moment(3) / moment(2) ** 1.5 };
}
const beyond = (outcomes: readonly Outcome[], distance: (cells: Cells) => number, seen: number): number =>
  total(outcomes.filter((one) => distance(one.cells) >= seen - 1e-12).map((one) => one.chance));

/** Any split of the pooled rows: the laws depend on nothing else. */
const split = (pooled: readonly number[], n: number): Cells => {
  let left = n;
  const reference = pooled.map((count) => {
    const taken = Math.min(count, left);
    left -= taken;
    return taken;
  });
  return { reference, current: pooled.map((count, i) => count - (reference[i] ?? 0)) };
};

const TABLES: readonly (readonly [readonly number[], number])[] = [
  [[40, 60], 50],
  [[30, 170], 60],
  [[500, 700], 600],
  [[20, 30, 40], 45],
  [[10, 20, 70], 30],
  [[12, 8, 9, 11, 6], 20],
  [[3, 2, 2, 1, 2, 3], 6],
  [[90, 100, 130], 100],
];

describe('the total variation distance of the same rows dealt out again', () => {
  it.each(TABLES)('%j, %d of them: mean and deviation within some per cent of the exact ones', (pooled, n) => {
    const exact = exactMoments(deals(pooled, n), totalVariation);
    const law = tvdMoments(split(pooled, n));
    expect(law.mean / exact.mean).toBeGreaterThan(0.975);
    expect(law.mean / exact.mean).toBeLessThan(1.025);
    expect(law.sd / exact.sd).toBeGreaterThan(0.93);
    expect(law.sd / exact.sd).toBeLessThan(1.07);
    expect(Math.abs(law.skew - exact.skew)).toBeLessThan(0.3);
  });

  it.each(TABLES)('%j, %d of them: the limit is exceeded by about one in a hundred', (pooled, n) => {
    const outcomes = deals(pooled, n);
    const law = tvdLaw(split(pooled, n), 0.01, 0.2);
    expect(beyond(outcomes, totalVariation, law.limit + 1e-9)).toBeLessThan(0.0125);
    // a distance that is a tenth smaller is exceeded more often than that
    expect(beyond(outcomes, totalVariation, 0.88 * law.limit)).toBeGreaterThan(0.008);
    expect(law.mean).toBe(tvdMoments(split(pooled, n)).mean);
  });

  it('has one law, whichever window is the reference', () => {
    const cells = split([30, 170, 44], 60);
    const turned = { reference: cells.current, current: cells.reference };
    for (const key of ['mean', 'sd', 'skew'] as const)
      expect(tvdMoments(cells)[key]).toBeCloseTo(tvdMoments(turned)[key], 12);
  });

  it('has no law in one cell, nor of an empty window', () => {
    const none = { mean: 0, sd: 0, skew: 0 };
    expect(tvdMoments({ reference: [50, 0], current: [70, 0] })).toEqual(none);
    expect(tvdMoments({ reference: [0, 0], current: [70, 5] })).toEqual(none);
    expect(tvdMoments({ reference: [70, 5], current: [0, 0] })).toEqual(none);
  });

  // figures that the enumeration above, and simulations of up to 300 cells (tvd-law.simulation.test.ts), have confirmed
  it.each<[string, Cells, readonly [number, number, number], readonly [number, number]]>([
    ['2 cells', split([400, 600], 500), [0.024733919, 0.0186820667, 0.996018667], [0.102004, 0.0012559]],
    [
      '7 cells, some light',
      split([5, 9, 60, 81, 100, 300, 445], 400),
      [0.0496842405, 0.0186119078, 0.551799852],
      [0.122008, 0.0103448],
    ],
    [
      '25 cells',
      split(
        Array.from({ length: 25 }, (_, i) => 10 + 6 * i),
        800,
      ),
      [0.08443996, 0.0135818188, 0.226825982],
      [0.130831, 0.127788],
    ],
    [
      'counts that are no whole numbers',
      { reference: [10.5, 20.25, 30], current: [12.5, 18, 29.5] },
      [0.0993055495, 0.052820511, 0.740362109],
      [0.309379, 0.445574],
    ],
  ])('keeps its figures: %s', (_, cells, [mean, sd, skew], [limit, pValue]) => {
    const moments = tvdMoments(cells);
    expect([moments.mean, moments.sd, moments.skew].map((one) => Number(one.toPrecision(9)))).toEqual([mean, sd, skew]);
    const law = tvdLaw(cells, 0.001, 0.1);
    expect([law.limit, law.pValue].map((one) => Number(one.toPrecision(6)))).toEqual([limit, pValue]);
  });

  it.each<[readonly [number, number], number, number]>([
    [[400, 600], 500, 0.1],
    // between two steps of 1/320 + 1/80
    [[60, 340], 320, 7.5 * (1 / 320 + 1 / 80)],
    [[60, 340], 80, 7.5 * (1 / 320 + 1 / 80)],
  ])('of two cells is that of one share: both tails of a hypergeometric law: %j, %d of them', (pooled, n, seen) => {
    const outcomes = deals(pooled, n);
    const { pValue } = tvdLaw(split(pooled, n), 0.001, seen);
    expect(pValue / beyond(outcomes, totalVariation, seen + 0.001)).toBeGreaterThan(0.8);
    expect(pValue / beyond(outcomes, totalVariation, seen - 0.001)).toBeLessThan(1.25);
  });
});

describe('rows that are dealt out again by chance', () => {
  it.each<[readonly number[], number]>([
    [[40, 60], 50],
    [[20, 30, 40], 45],
    [[20, 30, 40], 15],
    [[20, 30, 40], 75],
  ])('%j, %d of them: as all deals say', (pooled, n) => {
    const outcomes = deals(pooled, n);
    const exact = exactMoments(outcomes, totalVariation);
    const law = permutationLaw(split(pooled, n), totalVariation, { alpha: 0.01, seen: exact.mean + 2 * exact.sd });
    expect(law.mean / exact.mean).toBeGreaterThan(0.96);
    expect(law.mean / exact.mean).toBeLessThan(1.04);
    expect(law.pValue / pearsonTail(2, { mean: 0, sd: 1, skew: exact.skew })).toBeGreaterThan(0.75);
    expect(law.pValue / pearsonTail(2, { mean: 0, sd: 1, skew: exact.skew })).toBeLessThan(1.33);
    expect(beyond(outcomes, totalVariation, law.limit)).toBeLessThan(0.018);
    expect(beyond(outcomes, totalVariation, 0.85 * law.limit)).toBeGreaterThan(0.006);
  });

  it('passes the reference to the distance first, however few rows it has', () => {
    const rows = { few: 0, many: 0 };
    const watch = (key: 'few' | 'many', n: number, m: number) => (cells: Cells) => {
      if (total(cells.reference) === n && total(cells.current) === m) rows[key]++;
      return totalVariation(cells);
    };
    permutationLaw(split([20, 30, 40], 15), watch('few', 15, 75), { alpha: 0.01, seen: 0.2 });
    permutationLaw(split([20, 30, 40], 75), watch('many', 75, 15), { alpha: 0.01, seen: 0.2 });
    expect(rows).toEqual({ few: 2000, many: 2000 });
  });

  it('draws with replacement where one window is a hundredth of the other', () => {
    const cells = { reference: [4000, 6000, 0], current: [40, 60, 0] };
    const law = permutationLaw(cells, totalVariation, { alpha: 0.01, seen: 0.1 });
    // the mean of |x - 0.4| for 100 rows, nearly sqrt(2/pi) deviations
    expect(law.mean).toBeCloseTo(Math.sqrt((2 / Math.PI) * 0.24 * (1 / 100 + 1 / 10_000)), 2);
    expect(law.limit).toBeGreaterThan(0.11);
    expect(law.limit).toBeLessThan(0.15);
    const counts = new Set<number>();
    const countRows = ({ current }: Cells): number => {
      counts.add(total(current));
      return current[2] ?? 1;
    };
    permutationLaw(cells, countRows, { alpha: 0.01, seen: 1 });
    expect([...counts]).toEqual([100]);
  });

  it('draws without replacement up to fifty pooled rows for each drawn one', () => {
    // two of so many rows, each in a cell of its own: only with replacement is a row drawn twice
    const mostOf = (pooled: number) => {
      let most = 0;
      const watch = ({ current }: Cells): number => {
        most = Math.max(most, ...current);
        return current.length;
      };
      const drawn = Array.from({ length: pooled }, (_, i) => (i < 2 ? 1 : 0));
      const cells = { reference: drawn.map((count) => 1 - count), current: drawn };
      const law = permutationLaw(cells, watch, { alpha: 0.01, seen: 1 });
      // each deal has all cells
      expect(law.mean).toBe(pooled);
      return most;
    };
    expect(mostOf(100)).toBe(1);
    expect(mostOf(101)).toBe(2);
  });

  it('gives the same result again', () => {
    const once = () => permutationLaw(split([20, 30, 40], 45), totalVariation, { alpha: 0.01, seen: 0.2 });
    expect(once()).toEqual(once());
  });

  it('has no tail where every deal is the same', () => {
    const law = permutationLaw({ reference: [30], current: [40] }, totalVariation, { alpha: 0.01, seen: 0 });
    expect(law).toEqual({ mean: 0, limit: 0, pValue: 1 });
  });
});

it('a multiple of chi-square has as many degrees of freedom as cells can move', () => {
  const law = chiSquareLaw({ reference: [300, 500, 200], current: [150, 260, 90] }, 2, { alpha: 0.05, seen: 0.006 });
  // 2·(1/1000 + 1/500) for each unit of a chi-square with two degrees of freedom, whose tail is exp(−x/2)
  expect(law.mean).toBeCloseTo(0.006 * 2, 12);
  expect(law.limit).toBeCloseTo(0.006 * -2 * Math.log(0.05), 8);
  expect(law.pValue).toBeCloseTo(Math.exp(-0.5), 9);
});

describe('the largest move of one cell', () => {
  it('has the tail of all cells together', () => {
    const cells = { reference: [300, 500, 200, 0], current: [150, 260, 90, 0] };
    const e = 1 / 1000 + 1 / 500;
    const sds = [450, 760, 290].map((count) => Math.sqrt((count / 1500) * (1 - count / 1500) * e));
    const tail = (x: number) => total(sds.map((sd) => 2 * normalTail(x / sd)));
    const law = lInfinityLaw(cells, 0.001, 0.07);
    expect(law.pValue).toBeCloseTo(tail(0.07), 12);
    expect(tail(law.limit)).toBeCloseTo(0.001, 6);
    expect(tail(law.mean)).toBeCloseTo(0.5, 6);
    expect(lInfinityLaw(cells, 0.001, 0).pValue).toBe(1);
  });
});

describe('the Kolmogorov–Smirnov distance', () => {
  it('has a limit that its p-value puts at alpha', () => {
    for (const [n, m] of [
      [100, 100],
      [2000, 168],
    ] as const)
      expect(ksPValue(ksLimit(n, m, 0.001), n, m)).toBeCloseTo(0.001, 9);
  });

  it('is certain where it is small', () => {
    expect(ksPValue(0.19 / Math.sqrt(50), 100, 100)).toBe(1);
    expect(ksPValue(0.35 / Math.sqrt(50), 100, 100)).toBeLessThan(1);
    expect(ksLimit(100, 100, 2 * normalTail(-normalQuantile(0.025)))).toBeCloseTo(0.192, 2);
  });
});
