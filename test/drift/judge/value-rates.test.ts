import { describe, expect, it } from 'vitest';
import type { ColumnCells } from '../../../src/drift/judge/cells.js';
import {
  shareError,
  shownAbove,
  shownAboveChiSquare,
  shownAboveNoise,
} from '../../../src/drift/judge/effects/effect-sizes.js';
import { isTwoValued, movedRate } from '../../../src/drift/judge/effects/value-rates.js';
import { compareMissing } from '../../../src/drift/judge/missing-share.js';
import { unseenValues } from '../../../src/drift/judge/unseen.js';
import { normalQuantile } from '../../../src/statistics/normal.js';
import { binomialTail, normalTail } from '../../../src/statistics/special-functions.js';
import { numbers, texts, uniforms } from './columns.js';

const Z = 1.2815515655446004;
const NONE = { reference: 0, current: 0 };
const categories = (before: readonly number[], now: readonly number[], isHashed?: boolean): ColumnCells => ({
  ...{ kind: 'categorical', edges: [], values: before.map((_, i) => `v${i}`), isHashed, missing: NONE },
  ...{ reference: [...before, 0], current: [...now, 0] },
});
const counted = (before: readonly number[], now: readonly number[], isByValue = true): ColumnCells => ({
  ...{ kind: 'numeric', edges: [-0.5, ...before.keys()], values: [], isByValue, missing: NONE },
  ...{ reference: [0, ...before, 0], current: [0, ...now, 0] },
});

describe('what shows that a change is larger than an effect', () => {
  it('lies above it by 1.28 standard errors', () => {
    expect(shownAbove(0.05, 0.01)).toBeCloseTo(0.05 + Z * 0.01, 8);
    expect(shareError(0.2, 0.01)).toBeCloseTo(Math.sqrt(0.2 * 0.8 * 0.01), 12);
    expect(shareError(1.0000001, 0.01)).toBe(0);
    expect(shownAboveNoise(0.05, 0.01, 0.1)).toBeCloseTo(Math.hypot(0.05 + Z * 0.01, 0.1), 8);
    // a noncentral chi-square times 0.001 with 4 degrees of freedom
    const [unit, freedom, effect] = [0.001, 4, 0.1];
    const deviation = unit * Math.sqrt(2 * (freedom + (2 * effect) / unit));
    expect(shownAboveChiSquare(effect, unit, freedom)).toBeCloseTo(unit * freedom + effect + Z * deviation, 8);
  });
});

describe('one of several values', () => {
  it('counts from one row in a hundred on, in either window', () => {
    expect(movedRate(categories([5000, 4900, 100], [5000, 4990, 10]), 0.001)?.value).toBe('v2');
    expect(movedRate(categories([5000, 4901, 99], [5000, 4990, 10]), 0.001)).toBeUndefined();
    expect(movedRate(categories([5000, 4990, 10], [5000, 4900, 100]), 0.001)?.value).toBe('v2');
  });

  it('is the one of the larger factor if two are as certain', () => {
    const rate = movedRate(categories([600_000, 300_000, 90_000, 10_000], [400_000, 300_000, 240_000, 60_000]), 0.001);
    expect(rate).toMatchObject({ value: 'v3', pValue: 0 });
  });

  it('is none without values of their own', () => {
    expect(movedRate(counted([980, 20], [460, 40], false), 0.001)).toBeUndefined();
    expect(movedRate(categories([980, 20], [460, 40], true), 0.001)).toBeUndefined();
  });
});

describe('a column of two values', () => {
  it('has two in both windows together', () => {
    expect(isTwoValued(categories([5, 5], [5, 5]))).toBe(true);
    expect(isTwoValued(categories([5, 5, 0], [5, 0, 0]))).toBe(true);
    expect(isTwoValued(categories([5, 5, 0], [5, 0, 1]))).toBe(false);
    expect(isTwoValued(categories([5], [5]))).toBe(false);
    expect(isTwoValued(counted([5, 5], [5, 5]))).toBe(false);
    expect(isTwoValued(categories([5, 5], [5, 5], true))).toBe(false);
  });

  it('moves by the ratio of the rarer one, as surely as a binomial law says', () => {
    const rate = movedRate(categories([980, 20], [460, 40]), 0.001);
    expect(rate).toMatchObject({ value: 'v1', before: 0.02, after: 0.08 });
    expect(rate?.ratio).toBeCloseTo((40.5 / 500) * (1000 / 20.5), 9);
    expect(rate?.threshold).toBeCloseTo((4 / 3) * Math.exp(Z * Math.sqrt(1 / 20.5 + 1 / 40.5)), 6);
    expect(rate?.pValue).toBeCloseTo(2 * binomialTail(40, 60, 500 / 1500), 12);
  });

  it('has no more values for those without rows', () => {
    const two = movedRate(categories([980, 20], [460, 40]), 0.001);
    expect(movedRate(categories([980, 20, 0], [460, 40, 0]), 0.001)).toEqual(two);
    expect(movedRate(categories([0, 980, 20], [0, 460, 40]), 0.001)).toEqual({ ...two, value: 'v2' });
  });

  it('moves by its fall too', () => {
    const rate = movedRate(categories([920, 80], [490, 10]), 0.001);
    expect(rate?.ratio).toBeCloseTo((80.5 / 1000) * (500 / 10.5), 9);
    expect(rate?.pValue).toBeCloseTo(2 * binomialTail(80, 90, 1000 / 1500), 12);
  });

  it('is less sure where rows follow each other', () => {
    const cells = categories([980, 20], [460, 40]);
    const rate = movedRate(cells, 1, 2);
    expect(rate?.pValue).toBeCloseTo(2 * binomialTail(20, 30, 500 / 1500), 12);
    expect(rate?.threshold).toBeCloseTo((4 / 3) * Math.exp(Z * Math.sqrt(2 / 20.5 + 2 / 40.5)), 6);
    expect(movedRate(cells, 0.0001, 2)).toBeUndefined();
    expect(movedRate(cells, 0.0001)).toBeDefined();
    expect(movedRate(cells, 1, 100)).toBeUndefined();
  });

  it('has no rate where one of them never was, below one of a hundred', () => {
    expect(movedRate(categories([10_000, 0], [9_910, 90]), 0.001)).toBeUndefined();
    expect(movedRate(categories([10_000, 0], [9_890, 110]), 0.001)).toMatchObject({ value: 'v1', before: 0 });
    expect(movedRate(categories([9_890, 110], [10_000, 0]), 0.001)).toMatchObject({ value: 'v1', after: 0 });
    expect(movedRate(categories([10_000, 5], [9_910, 90]), 0.001)).toMatchObject({ value: 'v1' });
  });
});

describe('one value among many', () => {
  it('is judged for all of them together', () => {
    const rate = movedRate(categories([900, 60, 40], [850, 60, 90]), 0.01);
    expect(rate).toMatchObject({ value: 'v2', before: 0.04, after: 0.09 });
    expect(rate?.pValue).toBeCloseTo(6 * binomialTail(90, 130, 0.5), 12);
    expect(rate?.threshold).toBeCloseTo(1.5 * Math.exp(Z * Math.sqrt(1 / 40.5 + 1 / 90.5)), 6);
  });

  it('is the one that moved most surely', () => {
    expect(movedRate(categories([800, 100, 100], [560, 250, 190]), 0.001)?.value).toBe('v1');
    expect(movedRate(categories([800, 100, 100], [560, 190, 250]), 0.001)?.value).toBe('v2');
  });

  it('may be a number, where each cell is one', () => {
    expect(movedRate(counted([800, 100, 100], [560, 250, 190]), 0.001)?.value).toBe('1');
    expect(movedRate(counted([700, 200, 100], [300, 450, 250], false), 0.001)).toBeUndefined();
    expect(movedRate(categories([700, 200, 100], [300, 450, 250], true), 0.001)).toBeUndefined();
  });
});

describe('missing values', () => {
  const gaps = (missing: number, rows = 1000, notFinite = 0) => ({
    ...numbers(uniforms(10)),
    rows,
    missing,
    notFinite,
  });
  it('are compared by a test of two proportions', () => {
    const found = compareMissing(gaps(50), gaps(60, 500, 15), 0.001);
    const spread = Math.sqrt((125 / 1500) * (1 - 125 / 1500) * (1 / 1000 + 1 / 500));
    expect(found).toMatchObject({ before: 0.05, after: 0.15, rows: 500, isNotFinite: true });
    expect(found.score).toBeCloseTo(0.1, 12);
    expect(found.limit).toBeCloseTo(-normalQuantile(0.0005) * spread, 12);
    expect(found.threshold).toBeCloseTo(Math.max(found.limit, 0.05 + Z * spread), 8);
    expect(found.pValue).toBeCloseTo(2 * normalTail(0.1 / spread), 12);
    expect(compareMissing(gaps(50), gaps(60), 0.5).threshold).toBeGreaterThan(0.05);
    expect(compareMissing(gaps(60), gaps(50, 800), 0.001)).toMatchObject({ rows: 800, isNotFinite: false });
  });

  it('are none in an empty window or in two full ones', () => {
    expect(compareMissing(gaps(0), gaps(0), 0.001)).toMatchObject({ score: 0, limit: 0, pValue: 1 });
    expect(compareMissing(gaps(0, 0), gaps(0, 0), 0.001)).toMatchObject({ before: 0, after: 0, rows: 0, pValue: 1 });
    expect(compareMissing(gaps(50), gaps(50), 0.001).pValue).toBe(1);
  });
});

describe('values never seen before', () => {
  const unseen = (
    before: Readonly<Record<string, number>>,
    now: Readonly<Record<string, number>>,
    alpha = 0.001,
    otherRows = 0,
  ) => {
    const [reference, current] = [texts(before).categories, texts(now).categories];
    if (reference === undefined || current === undefined) throw new Error('text columns have categories');
    return unseenValues(reference, { ...current, otherRows }, alpha);
  };

  it('are a share of the rows, those of values that are not kept among them', () => {
    expect(unseen({ a: 600, b: 400 }, { a: 450, c: 40 }, 0.001, 10)).toMatchObject({ share: 0.1, expected: 0 });
  });

  it('are expected as often as values occur once; the limit has the spread of that estimate and of the rows', () => {
    const once = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`s${i}`, 1]));
    const twice = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`t${i}`, 2]));
    const found = unseen({ a: 950, ...once, ...twice }, { a: 400, c: 100 });
    const spread = Math.sqrt((30 + 2 * 10 + 1) / 1000 ** 2 + (0.03 + 1 / 1000) / 500);
    expect(found?.expected).toBe(0.03);
    expect(found?.limit).toBeCloseTo(0.03 + 1 / 500 - normalQuantile(0.001) * spread, 9);
    expect(found?.threshold).toBeCloseTo(Math.max(found?.limit ?? 0, 0.03 + 0.05 + Z * spread), 8);
    expect(found?.threshold).toBeGreaterThan(found?.limit ?? 1);
  });

  it('may be one value that the reference missed by chance', () => {
    const found = unseen({ a: 500 }, { a: 499, c: 1 });
    expect(found?.limit).toBeCloseTo(Math.log(0.001) / Math.log(0.5) / 500, 2);
    expect(unseen({ a: 60 }, { a: 60 }, 1e-30)).toMatchObject({ limit: 1, threshold: 1 });
  });

  it('cannot be told where the reference does not keep all values, or a side is empty', () => {
    const { categories } = texts({ a: 100 });
    if (categories === undefined) throw new Error('a text column has categories');
    expect(unseenValues({ ...categories, otherRows: 1 }, categories, 0.001)).toBeUndefined();
    expect(unseen({}, { a: 5 })).toBeUndefined();
    expect(unseen({ a: 5 }, {})).toBeUndefined();
  });
});
