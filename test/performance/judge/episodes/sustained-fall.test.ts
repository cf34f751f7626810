import { describe, expect, it } from 'vitest';
import { sustainedFall } from '../../../../src/performance/judge/episodes/sustained-fall.js';
import { normalEstimate } from '../../../../src/statistics/estimate.js';

const rule = { drop: 0.02, isHigherBetter: true };
const windows = (values: readonly number[], standardError = 0.001) =>
  values.map((value) => normalEstimate(value, standardError, 1000, [-10, 10]));
const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);
const fallen = (before: readonly number[], after: readonly number[], error?: number): number =>
  sustainedFall([], windows([...before, ...after], error), rule);

describe('windows that have fallen together', () => {
  it.each([
    ['two, just beyond the drop that matters', times(6, 0.8), times(2, 0.7799), 2],
    ['just within it', times(6, 0.8), times(2, 0.7801), 0],
    ['one', times(6, 0.8), times(1, 0.77), 0],
    ['four of which the newest two show less', times(8, 0.8), [0.75, 0.75, 0.785, 0.785], 4],
    ['eight of which no smaller group shows it', times(9, 0.8), [0.7, 0.7, ...times(6, 0.781)], 8],
    ['with too few windows before them', times(2, 0.8), times(2, 0.1), 0],
    ['with as few as three before them', times(3, 0.8), times(2, 0.7), 2],
    ['eight with only seven windows before them', times(7, 0.8), [0.7, 0.7, ...times(6, 0.781)], 0],
    ['eight with eight windows before them', times(8, 0.8), [0.7, 0.7, ...times(6, 0.781)], 8],
    ['a rise', times(6, 0.8), times(2, 0.9), 0],
  ])('%s', (_, before, after, count) => {
    expect(fallen(before, after)).toBe(count);
  });

  it('must fall by more than sampling explains', () => {
    // two windows against six: error 0.02·sqrt(1/2 + 1/6) = 0.0163; Student's t for 3.09 and 5 degrees of freedom is 5.9
    expect(fallen(times(6, 0.8), times(2, 0.72), 0.02)).toBe(0);
    expect(fallen(times(6, 0.8), times(2, 0.69), 0.02)).toBe(2);
  });

  it('must fall by more than the metric swings', () => {
    const swings = [0.75, 0.85, 0.75, 0.85, 0.75, 0.85, 0.75, 0.85];
    expect(fallen(swings, [0.75, 0.74])).toBe(0);
    expect(fallen(swings, [0.45, 0.45])).toBe(2);
  });

  it('of exactly the drop that matters have not fallen', () => {
    const quarter = { drop: 0.25, isHigherBetter: true };
    const group = (low: number) => sustainedFall([], windows([...times(4, 0.75), low, low], 0), quarter);
    expect([0.5, 0.4999].map(group)).toEqual([0, 2]);
  });

  // 24 windows whose variance is 0.01·24/23; the newest eight are judged together. With k the count that the 24 are
  // worth, the variance of windows is v = 0.01·k/(k − 1), that of the level v/k, and that of the mean of eight
  // independent windows v/8. Neighbours with correlation r make the last (1 + r)/(1 − r) times as large, at most v.
  it.each([
    ['independent', 1, 24, 1 / 8, 3.485],
    ['like the one before, r = 0.5', 3, 8, 3 / 8, 4.785],
    ['nearly the same as the one before, r = 0.9', 6, 3, 1, 7.173],
  ])('must fall by more than eight windows vary together: %s', (_, half, worth, share, t) => {
    const before = Array.from({ length: 24 }, (_, i) => (Math.floor(i / half) % 2 === 0 ? 0.7 : 0.9));
    const variance = (0.01 * worth) / (worth - 1);
    const limit = t * Math.sqrt(variance * share + variance / worth);
    expect(fallen(before, times(8, 0.8 - 0.97 * limit))).toBe(0);
    expect(fallen(before, times(8, 0.8 - 1.03 * limit))).toBe(8);
  });

  it('are compared with the baseline too, in the direction of the metric', () => {
    const losses = { drop: 0.02, isHigherBetter: false };
    expect(sustainedFall(windows(times(3, 0.5)), windows(times(2, 0.6)), losses)).toBe(2);
    expect(sustainedFall(windows(times(3, 0.5)), windows(times(2, 0.4)), losses)).toBe(0);
    expect(sustainedFall([], windows(times(2, 0.6)), losses)).toBe(0);
  });
});
