import { describe, expect, it } from 'vitest';
import { DAY_MS, type Instant, instantOf } from '../../../../src/domain/support/time.js';
import { findEpisodes, type MeasuredWindow } from '../../../../src/performance/judge/episodes/find-episodes.js';
import { sustainedFall } from '../../../../src/performance/judge/episodes/sustained-fall.js';
import { judgeAgainst, referenceLevel } from '../../../../src/performance/judge/performance-drop.js';
import { normalEstimate } from '../../../../src/statistics/estimate.js';

const WEEK_MS = 7 * DAY_MS;
const rule = { drop: 0.02, isHigherBetter: true, worthless: 0.5 };
const startOf = (week: number): Instant => instantOf(week * WEEK_MS);
const estimate = (value: number, standardError = 0.01) => normalEstimate(value, standardError, 1400, [0, 1]);

/** Weeks with these values, one after the other. */
const weeks = (values: readonly number[], standardError = 0.01): readonly MeasuredWindow[] =>
  values.map((value, i) => ({ from: startOf(i), to: startOf(i + 1), estimate: estimate(value, standardError) }));

const GOOD = [0.8, 0.805, 0.795, 0.802, 0.798, 0.801];
const find = (values: readonly number[], more: Partial<Parameters<typeof findEpisodes>[0]> = {}) =>
  findEpisodes({ baseline: [], windows: weeks(values), windowMs: WEEK_MS, ...more }, rule);

describe('a fall opens an episode', () => {
  it('whose windows never become reference, however long it lasts', () => {
    for (const bad of [1, 4, 13, 60]) {
      const { open, before, ended } = find([...GOOD, ...new Array(bad).fill(0.65)]);
      expect(open?.since).toBe(startOf(6));
      expect(open?.bad).toHaveLength(bad);
      expect(before?.level).toBeCloseTo(0.8, 2);
      expect(ended).toEqual([]);
    }
  });

  it('just above the limit, and none just below it', () => {
    const level = referenceLevel(weeks(GOOD).map((one) => one.estimate));
    const { limit = 0, reference = 0 } = judgeAgainst(level, estimate(0.7), rule);
    expect(find([...GOOD, reference - limit - 0.0005]).open).toBeDefined();
    expect(find([...GOOD, reference - limit + 0.0005]).open).toBeUndefined();
  });

  it('in the last window even if it is the only bad one, but not for one bad window between good ones', () => {
    const level = referenceLevel(weeks(GOOD).map((one) => one.estimate));
    const { limit = 0, reference = 0 } = judgeAgainst(level, estimate(0.7), rule);
    const bad = reference - limit - 0.001;
    expect(find([...GOOD, bad]).open).toMatchObject({ isConfirmed: false, since: startOf(6) });
    expect(find([...GOOD, bad, 0.8])).toMatchObject({ open: undefined, ended: [] });
    expect(find([...GOOD, bad, bad]).open).toMatchObject({ isConfirmed: true, since: startOf(6) });
  });

  it('by itself where a single window lies far outside', () => {
    expect(find([...GOOD, 0.6]).open).toMatchObject({ isConfirmed: true });
    const over = { open: undefined, ended: [{ since: startOf(6), until: startOf(7) }] };
    expect(find([...GOOD, 0.6, 0.8])).toMatchObject(over);
    expect(find([...GOOD, 0.6, 0.8, 0.8, 0.8])).toMatchObject(over);
  });

  it('unless windows have been as bad before, and good again right afterwards', () => {
    const dips = (times: number, low = 0.6): readonly number[] => [
      ...GOOD,
      ...GOOD,
      ...Array.from({ length: times }, () => [low, 0.8, 0.802, 0.798]).flat(),
    ];
    expect(find(dips(2)).ended).toHaveLength(2);
    expect(find([...dips(1), 0.6]).open).toBeDefined();
    expect(find([...dips(2), 0.6]).open).toBeUndefined();
    expect(find([...dips(12), 0.6]).open).toBeUndefined();
    // deeper than the others, or in the next window too, it is a fall
    expect(find([...dips(2), 0.57]).open).toBeDefined();
    expect(find([...dips(2), 0.6, 0.6]).open).toMatchObject({ isConfirmed: true, since: startOf(20) });
  });

  it('where several windows fall together by less than a single one would need', () => {
    const noisy = (value: number, count: number) =>
      Array.from({ length: count }, (_, i) => estimate(value + (i % 2 === 0 ? 0.004 : -0.004), 0.016));
    expect(sustainedFall([], [...noisy(0.8, 16), ...noisy(0.755, 8)], rule)).toBeGreaterThan(0);
    expect(sustainedFall([], [...noisy(0.8, 16), ...noisy(0.79, 8)], rule)).toBe(0);
    expect(sustainedFall([], [...noisy(0.8, 3), ...noisy(0.7, 8)], rule)).toBe(0);
  });

  it('in a metric where lower is better', () => {
    const windows = weeks([10, 10.1, 9.9, 10, 15, 15.2], 0.1);
    const lower = { drop: 0.5, isHigherBetter: false };
    const found = findEpisodes({ baseline: [], windows, windowMs: WEEK_MS }, lower);
    expect(found.open?.since).toBe(startOf(4));
    const better = weeks([10, 10, 10, 5], 0.1);
    expect(findEpisodes({ baseline: [], windows: better, windowMs: WEEK_MS }, lower).open).toBeUndefined();
  });

  it('only after three windows to compare with, including the gate', () => {
    expect(find([0.8, 0.8, 0.6])).toMatchObject({ before: undefined, open: undefined });
    expect(find([0.8, 0.8, 0.6], { baseline: [estimate(0.8)] }).open?.since).toBe(startOf(2));
    const known = referenceLevel(weeks(GOOD).map((one) => one.estimate));
    expect(find([0.6], { known }).open?.since).toBe(startOf(0));
  });
});

describe('an episode ends', () => {
  it('when windows are back at the old level, which then count as reference again', () => {
    const { open, ended, references } = find([...GOOD, 0.65, 0.65, 0.65, 0.8, 0.8, 0.8]);
    expect(open).toBeUndefined();
    expect(ended).toEqual([{ since: startOf(6), until: startOf(9) }]);
    expect(references).toBe(8);
  });

  it('not by a partial recovery', () => {
    for (const part of [0.7, 0.74, 0.76])
      expect(find([...GOOD, 0.65, 0.65, 0.65, ...new Array(8).fill(part)]).open?.since).toBe(startOf(6));
  });

  it('not by half a day that looks good', () => {
    const short = { from: startOf(9), to: instantOf(startOf(9) + DAY_MS / 2), estimate: estimate(0.8) };
    const windows = [...weeks([...GOOD, 0.65, 0.65, 0.65]), short];
    expect(findEpisodes({ baseline: [], windows, windowMs: WEEK_MS }, rule).open).toBeDefined();
  });

  it('and another begins with the next fall; a second fall while it is open belongs to it', () => {
    const again = find([...GOOD, 0.65, 0.65, 0.8, 0.8, 0.8, 0.65, 0.65]);
    expect(again.ended).toHaveLength(1);
    expect(again.open?.since).toBe(startOf(11));
    const deeper = find([...GOOD, 0.7, 0.7, 0.55, 0.55]);
    expect(deeper.ended).toEqual([]);
    expect(deeper.open).toMatchObject({ since: startOf(6) });
    expect(deeper.open?.bad).toHaveLength(4);
  });

  it('of an earlier version when the next champion is back at the level before it, and not sooner', () => {
    const before = referenceLevel(weeks(GOOD).map((one) => one.estimate));
    const open = { since: startOf(-5), before, bad: [estimate(0.6)], isConfirmed: true };
    expect(find([0.8, 0.801, 0.8], { open })).toMatchObject({ open: undefined, ended: [{ since: startOf(-5) }] });
    expect(find([0.66, 0.67, 0.66], { open }).open?.since).toBe(startOf(-5));
  });
});

describe('what a fall is compared with', () => {
  const known = referenceLevel(weeks(GOOD).map((one) => one.estimate));

  it('is the newest 52 windows', () => {
    expect(find(new Array(60).fill(0.8))).toMatchObject({ references: 52, before: { level: 0.8 } });
    const risen = find([...new Array(60).fill(0.6), ...new Array(60).fill(0.8)]);
    expect(risen.before?.level).toBeCloseTo(0.8, 10);
  });

  it('is the level before an episode that is open, without windows of its own', () => {
    const open = { since: startOf(-5), before: known, bad: [estimate(0.6)], isConfirmed: true };
    expect(find([0.66, 0.67, 0.66, 0.66, 0.66], { open })).toMatchObject({ before: known, references: 0 });
    expect(find([0.6], { known })).toMatchObject({ before: known, open: { before: known }, references: 0 });
  });

  it('is not the dips of more than 52 windows ago', () => {
    const level = judgeAgainst(known, estimate(0.7), rule);
    const dip = (level.reference ?? 0) - (level.limit ?? 0) - 0.002;
    const steady = (count: number) => Array.from({ length: count }, (_, i) => GOOD[i % 6] ?? 0);
    const dipped = [...steady(12), dip, 0.8, 0.8, dip, 0.8];
    expect(find([...dipped, ...steady(12), 0.75]).open).toBeUndefined();
    expect(find([...dipped, ...steady(60), 0.75]).open).toBeDefined();
  });

  it('is not an episode of two windows, which was no swing', () => {
    const twice = [...GOOD, ...GOOD, 0.6, 0.6, 0.8, 0.8, 0.8, 0.8, 0.6, 0.6, 0.8, 0.8, 0.8];
    expect(find(twice)).toMatchObject({ open: undefined, ended: [{}, {}] });
    expect(find([...twice, 0.6]).open).toBeDefined();
  });
});

describe('a fall that several windows show together', () => {
  it('begins with the first of them, and is compared with the windows before', () => {
    const wave = [0.008, -0.008];
    const noisy = (value: number, count: number) => Array.from({ length: count }, (_, i) => value + (wave[i % 2] ?? 0));
    const windows = weeks([...noisy(0.8, 16), ...noisy(0.762, 4)], 0.016);
    const { open } = findEpisodes({ baseline: [], windows, windowMs: WEEK_MS }, rule);
    expect(open).toMatchObject({ isConfirmed: true, since: startOf(16) });
    expect(open?.before.level).toBeCloseTo(0.8, 10);
    expect(open?.bad.map((one) => one.value)).toEqual(windows.slice(16).map((one) => one.estimate.value));
  });
});

describe('a recovery', () => {
  const level = { level: 0.8, levelVariance: 0.2e-4, spreadVariance: 0.5e-4, freedom: 20, correlation: 0 };
  const wide = { ...level, levelVariance: 4e-4, spreadVariance: 8e-4 };
  const episode = (before: typeof level, bad: readonly number[], isConfirmed = true) => ({
    since: startOf(-5),
    before,
    bad: bad.map((value) => estimate(value)),
    isConfirmed,
  });
  const ends = (open: ReturnType<typeof episode>, values: readonly number[], standardError: number): boolean =>
    findEpisodes({ baseline: [], windows: weeks(values, standardError), windowMs: WEEK_MS, open }, rule).open ===
    undefined;

  it('from a fall that only one window showed is any window nearer to the old level', () => {
    expect(ends(episode(level, [0.75], false), [0.7755], 0.01)).toBe(true);
    expect(ends(episode(level, [0.75], false), [0.7745], 0.01)).toBe(false);
    expect(ends(episode(level, [0.74, 0.76], false), [0.7755], 0.01)).toBe(true);
    expect(ends(episode(level, [0.74, 0.76], false), [0.7745], 0.01)).toBe(false);
    // a confirmed fall needs more
    expect(ends(episode(level, [0.75]), [0.7755], 0.01)).toBe(false);
  });

  it('in one window comes within chance of the old level, 1.28 deviations', () => {
    // sqrt(0.16e-4 + 0.5e-4 + 0.2e-4) · 1.28 = 0.01187
    expect(ends(episode(level, [0.65]), [0.8 - 0.0118], 0.004)).toBe(true);
    expect(ends(episode(level, [0.65]), [0.8 - 0.012], 0.004)).toBe(false);
  });

  it('in one window comes within the drop that matters, where chance allows more', () => {
    expect(ends(episode(wide, [0.4]), [0.8 - 0.0199], 0.02)).toBe(true);
    expect(ends(episode(wide, [0.4]), [0.8 - 0.0201], 0.02)).toBe(false);
  });

  it('in two windows comes within the larger of both', () => {
    // sqrt(4e-4 / 2 + 8e-4 / 2 + 4e-4) · 1.28 = 0.04048
    expect(ends(episode(wide, [0.4]), [0.8 - 0.0404, 0.8 - 0.0404], 0.02)).toBe(true);
    expect(ends(episode(wide, [0.4]), [0.8 - 0.0406, 0.8 - 0.0406], 0.02)).toBe(false);
    expect(ends(episode(level, [0.65]), [0.8 - 0.0199, 0.8 - 0.0199], 0.004)).toBe(true);
    expect(ends(episode(level, [0.65]), [0.8 - 0.0201, 0.8 - 0.0201], 0.004)).toBe(false);
  });

  it('needs windows that are twenty times likelier at the old level than at the bad one', () => {
    // 0.15² / (2·(s² + 0.5e-4)): 4.4 with s = 0.05, 2.7 with s = 0.064
    expect(ends(episode(level, [0.65]), [0.8], 0.05)).toBe(true);
    expect(ends(episode(level, [0.65]), [0.8], 0.064)).toBe(false);
    expect(ends(episode(level, [0.65]), [0.8, 0.8], 0.064)).toBe(true);
    expect(ends(episode(level, [0.65, 0.65]), [0.8], 0.064)).toBe(false);
  });

  it('needs half of a window, and is seen in the newest windows alone', () => {
    const half = (ms: number) => [{ from: startOf(0), to: instantOf(startOf(0) + ms), estimate: estimate(0.8, 0.004) }];
    const over = (ms: number) =>
      findEpisodes({ baseline: [], windows: half(ms), windowMs: WEEK_MS, open: episode(level, [0.65]) }, rule);
    expect(over(WEEK_MS / 2)).toMatchObject({ open: undefined, ended: [{}] });
    expect(over(WEEK_MS / 2 - 1).open).toBeDefined();
    expect(ends(episode(level, [0.65]), [0.778, 0.778, 0.778], 0.004)).toBe(false);
    expect(ends(episode(level, [0.65]), [0.778, 0.778, 0.778, 0.8], 0.004)).toBe(true);
    // all nine together are still more than 0.02 below
    expect(ends(episode(level, [0.65]), [...new Array(8).fill(0.7765), 0.8], 0.004)).toBe(true);
  });

  it('began with the first window that was not bad; until then such windows belong to the fall', () => {
    expect(find([...GOOD, 0.65, 0.65, 0.775, 0.8, 0.8])).toMatchObject({
      ended: [{ since: startOf(6), until: startOf(8) }],
    });
    const { open } = find([...GOOD, 0.65, 0.65, 0.775, 0.65]);
    expect(open?.bad.map((one) => one.value)).toEqual([0.65, 0.65, 0.775, 0.65]);
  });

  it('is judged in the direction of the metric', () => {
    const lower = { drop: 0.02, isHigherBetter: false };
    const back = (value: number) =>
      findEpisodes(
        { baseline: [], windows: weeks([value], 0.004), windowMs: WEEK_MS, open: episode(level, [0.95]) },
        lower,
      ).open === undefined;
    expect([0.8118, 0.812, 0.7].map(back)).toEqual([true, false, true]);
  });
});

describe('the limit', () => {
  it('is never wider than the metric can still fall', () => {
    const wild = referenceLevel([0.75, 0.62, 0.8, 0.6, 0.78, 0.55].map((value) => estimate(value, 0.01)));
    const { limit = 0, reference = 0 } = judgeAgainst(wild, estimate(0.6), rule);
    expect(limit).toBeCloseTo(reference - 0.5, 10);
    expect(judgeAgainst(wild, estimate(0.49), rule).verdict).toBe('drift');
    const unbounded = judgeAgainst(wild, estimate(0.6), { ...rule, worthless: undefined });
    expect(unbounded.limit).toBeGreaterThan(limit);
  });

  it('is called blind where even a worthless model would lie within chance', () => {
    const weak = referenceLevel([0.55, 0.56, 0.54].map((value) => estimate(value, 0.01)));
    expect(judgeAgainst(weak, estimate(0.5, 0.1), rule)).toMatchObject({ verdict: 'undecided', isBlind: true });
    expect(judgeAgainst(weak, estimate(0.55, 0.01), rule)).toMatchObject({ verdict: 'stable', isBlind: undefined });
  });
});
