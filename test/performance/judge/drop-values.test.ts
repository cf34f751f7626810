import { describe, expect, it } from 'vitest';
import {
  judgeAgainst,
  judgeDrop,
  referenceLevel,
  studentQuantile,
} from '../../../src/performance/judge/performance-drop.js';
import { normalEstimate } from '../../../src/statistics/estimate.js';

const window = (value: number, standardError = 0.01) => normalEstimate(value, standardError, 1000, [-100, 100]);
const known = (spread: number, level = 0.8) => ({
  level,
  levelVariance: 0,
  spreadVariance: spread ** 2,
  freedom: 1e9,
  correlation: 0,
});
const rule = { drop: 0.02, isHigherBetter: true };

describe('the limit of a fall', () => {
  it.each([
    ['just within the drop that matters', 0.001, 0.7801, 'stable'],
    ['just beyond it', 0.001, 0.7799, 'drift'],
    ['just within 2.5 standard errors', 0.02, 0.7501, 'stable'],
    ['just beyond them', 0.02, 0.7499, 'drift'],
  ])('%s', (_, standardError, value, verdict) => {
    expect(judgeAgainst(known(0), window(value, standardError), rule).verdict).toBe(verdict);
  });

  it('adds the variances of windows, of the level and of sampling', () => {
    const judged = judgeAgainst({ ...known(0.03), levelVariance: 0.0004 }, window(0.7, 0.06), rule);
    expect(judged.limit).toBeCloseTo(2.5 * Math.sqrt(0.0009 + 0.0004 + 0.0036), 6);
    expect(judged).toMatchObject({ reference: 0.8, spread: 0.03, isBlind: undefined });
    expect(judged.fall).toBeCloseTo(0.1, 12);
    expect(judgeAgainst(known(0.03), window(0.7, 0), { ...rule, sds: 4 }).limit).toBeCloseTo(0.12, 6);
  });

  it('is never more than the metric can still fall', () => {
    const bounded = { ...rule, worthless: 0.5 };
    expect(judgeAgainst(known(0.2), window(0.49), bounded)).toMatchObject({ verdict: 'drift' });
    expect(judgeAgainst(known(0.2), window(0.49), bounded).limit).toBeCloseTo(0.3, 12);
    expect(judgeAgainst(known(0.2), window(0.51), bounded).verdict).toBe('stable');
    expect(judgeAgainst(known(0.2), window(0.49), rule).verdict).toBe('stable');
    const losses = { drop: 0.02, isHigherBetter: false, worthless: 1 };
    expect(judgeAgainst(known(0.2), window(1.01), losses).verdict).toBe('drift');
    expect(judgeAgainst(known(0.2), window(0.99), losses).verdict).toBe('stable');
  });

  it('has no such bound where the model was worthless before', () => {
    expect(judgeAgainst(known(0, 0.5), window(0.45, 0.001), { ...rule, worthless: 0.5 })).toMatchObject({
      verdict: 'drift',
      limit: 0.02,
    });
    expect(judgeAgainst(known(0, 0.4), window(0.35, 0.001), { ...rule, worthless: 0.5 }).limit).toBe(0.02);
  });

  it('is blind where even a worthless model lies within sampling error', () => {
    const bounded = { ...rule, worthless: 0.5 };
    expect(judgeAgainst(known(0), window(0.51, 0.121), bounded)).toMatchObject({ verdict: 'undecided', isBlind: true });
    expect(judgeAgainst(known(0), window(0.45, 0.119), bounded)).toMatchObject({
      verdict: 'drift',
      isBlind: undefined,
    });
    expect(judgeAgainst(known(0), window(0.79, 0.119), bounded)).toMatchObject({
      verdict: 'stable',
      isBlind: undefined,
    });
    // a fall of more than is left within sampling error, 0.3025, shows nothing either
    expect(judgeAgainst(known(0), window(0.499, 0.121), bounded)).toMatchObject({
      verdict: 'undecided',
      isBlind: true,
    });
    // a fall beyond both shows even so
    expect(judgeAgainst(known(0), window(0.4, 0.121), bounded).verdict).toBe('drift');
  });
});

describe('the level of reference windows', () => {
  it('is the mean of windows that differ by no more than sampling', () => {
    const level = referenceLevel([window(0.79, 0.02), window(0.8, 0.02), window(0.81, 0.02)]);
    expect(level.level).toBeCloseTo(0.8, 12);
    expect(level).toMatchObject({ spreadVariance: 0, freedom: 2, correlation: 0 });
    expect(level.levelVariance).toBeCloseTo(0.0004 / 3, 12);
  });

  it('weighs windows by their precision', () => {
    expect(referenceLevel([window(0.8, 0.01), window(0.8, 0.01), window(0.83, 0.02)]).level).toBeCloseTo(
      (2 * 0.8 + 0.25 * 0.83) / 2.25,
      3,
    );
  });

  it('finds the spread that sampling does not explain', () => {
    // equal errors: DerSimonian and Laird's estimate is the variance of the values less that of sampling
    const values = [0.7, 0.8, 0.9];
    const level = referenceLevel(values.map((value) => window(value, 0.05)));
    expect(level.spreadVariance).toBeCloseTo(0.01 - 0.0025, 10);
    expect(level.levelVariance).toBeCloseTo(0.01 / 3, 10);
  });

  it('does not rest on one window without an error', () => {
    // the spread between windows makes their weights nearly equal
    const level = referenceLevel([window(0.7, 0), window(0.8, 0.01), window(0.9, 0.01), window(0.8, 0.01)]);
    expect(level.level).toBeGreaterThan(0.76);
    expect(level.spreadVariance).toBeGreaterThan(0);
    expect(referenceLevel([window(1, 0), window(1, 0), window(1, 0)])).toMatchObject({ level: 1, spreadVariance: 0 });
  });

  const swinging = (length: number, half: number) =>
    Array.from({ length }, (_, i) => window(Math.floor(i / half) % 2 === 0 ? 0.7 : 0.9, 0.001));

  it('counts windows that resemble their neighbours as fewer', () => {
    const [slow, fast] = [referenceLevel(swinging(24, 6)), referenceLevel(swinging(24, 1))];
    // correlation of neighbours: 17 of 23 pairs are equal, 3 differ in sign … (20 − 3)/24, corrected to (17/24·24 + 1)/20
    expect(slow.correlation).toBeCloseTo(0.9, 2);
    expect(fast.correlation).toBe(0);
    expect(slow.freedom).toBe(4);
    expect(fast.freedom).toBe(23);
    expect(slow.spreadVariance).toBeGreaterThan(fast.spreadVariance);
    expect(slow.levelVariance).toBeGreaterThan(3 * fast.levelVariance);
  });

  it('sees no correlation in fewer than six windows, nor where sampling explains the swing', () => {
    expect(referenceLevel([0.7, 0.7, 0.7, 0.9, 0.9].map((value) => window(value, 0.001))).correlation).toBe(0);
    expect(
      referenceLevel([0.7, 0.7, 0.7, 0.9, 0.9, 0.9].map((value) => window(value, 0.001))).correlation,
    ).toBeGreaterThan(0);
    expect(referenceLevel([0.79, 0.79, 0.79, 0.81, 0.81, 0.81].map((value) => window(value, 0.05))).correlation).toBe(
      0,
    );
  });

  it('needs three windows', () => {
    const [one, two, three] = [window(0.8), window(0.8), window(0.8)];
    expect(judgeDrop([], window(0.5), rule)).toEqual({ verdict: 'undecided', missingWindows: 3 });
    expect(judgeDrop([one, two], window(0.5), rule)).toEqual({ verdict: 'undecided', missingWindows: 1 });
    expect(judgeDrop([one, two, three], window(0.5), rule).verdict).toBe('drift');
  });
});

describe("Student's t", () => {
  // Abramowitz and Stegun's polynomials in z: their values at 1 and 2, whose sums are the expansion for few degrees
  it.each([
    [1, 1, 1 + 2 / 4 + 24 / 96 + 24 / 384 - 528 / 92_160],
    [1, 2, 1 + 2 / 8 + 24 / 384 + 24 / 3072 - 528 / 1_474_560],
    [2, 1, 2 + 10 / 4 + 294 / 96 + 1098 / 384 + 169_950 / 92_160],
  ])('for a deviate of %i and freedom %i is the published expansion', (z, freedom, t) => {
    expect(studentQuantile(z, freedom)).toBeCloseTo(t, 12);
  });

  // tables of the 99 % one-sided quantile, for the normal deviate 2.3263
  it.each([
    [5, 3.365, 1],
    [10, 2.764, 2],
    [30, 2.457, 3],
    [1e9, 2.3263, 4],
  ])('with %i degrees of freedom', (freedom, t, digits) => {
    expect(studentQuantile(2.3263, freedom)).toBeCloseTo(t, digits);
  });
});
