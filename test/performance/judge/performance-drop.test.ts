import { describe, expect, it } from 'vitest';
import { judgeDrop } from '../../../src/performance/judge/performance-drop.js';
import { normalEstimate } from '../../../src/statistics/estimate.js';
import { seededNormal } from '../../../src/statistics/random.js';

const week = (value: number, standardError = 0.004) => normalEstimate(value, standardError, 20_000, [0, 1]);
const rule = { drop: 0.02, isHigherBetter: true };

describe('a drop of a metric', () => {
  // a model that is never trained again, whose weekly AUC swings without a trend
  const weeks = [0.641, 0.612, 0.672, 0.634, 0.655, 0.621].map((value) => week(value));

  it('is none in a bad week of a metric that has bad weeks, although it is far beyond sampling error', () => {
    const judged = judgeDrop(weeks, week(0.595), rule);
    expect(judged).toMatchObject({ verdict: 'stable' });
    expect(judged.fall).toBeGreaterThan(rule.drop);
    expect(judged.spread).toBeGreaterThan(0.015);
  });

  it('is one below all usual variation, and where a steady metric falls by more than matters', () => {
    expect(judgeDrop(weeks, week(0.5), rule).verdict).toBe('drift');
    const steady = [0.64, 0.642, 0.638, 0.641].map((value) => week(value));
    expect(judgeDrop(steady, week(0.6), rule).verdict).toBe('drift');
    expect(judgeDrop(steady, week(0.625), rule).verdict).toBe('stable');
    expect(judgeDrop(steady, week(0.6, 0.05), rule).verdict).toBe('stable');
  });

  it('is judged in the direction of the metric', () => {
    const losses = [0.5, 0.502, 0.499].map((value) => week(value));
    const lower = { drop: 0.02, isHigherBetter: false };
    expect(judgeDrop(losses, week(0.6), lower).verdict).toBe('drift');
    expect(judgeDrop(losses, week(0.4), lower)).toMatchObject({ verdict: 'stable' });
  });

  it('is undecided with too few windows, with the number of missing ones, and without a value', () => {
    expect(judgeDrop(weeks.slice(0, 1), week(0.2), rule)).toEqual({ verdict: 'undecided', missingWindows: 2 });
    expect(judgeDrop(weeks, undefined, rule)).toEqual({ verdict: 'undecided' });
  });

  it.each([3, 6, 12])('alarms in at most 3 %% of weeks without a trend, with %i reference weeks', (count) => {
    const normal = seededNormal(count);
    const draw = () => week(0.63 + 0.025 * normal() + 0.004 * normal());
    const alarms = Array.from({ length: 1000 }, () => {
      const references = Array.from({ length: count }, draw);
      return judgeDrop(references, draw(), rule).verdict === 'drift';
    }).filter(Boolean).length;
    expect(alarms).toBeLessThanOrEqual(30);
  });
});
