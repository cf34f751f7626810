import { describe, expect, it } from 'vitest';
import { DAY_MS, instantOf } from '../../../src/domain/support/time.js';
import { kindBetween, locateChange } from '../../../src/performance/judge/change/locate-change.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

const WEEK_MS = 7 * DAY_MS;
const PER_DAY = 50;
const day = (n: number) => instantOf(n * DAY_MS);

/** Numbers that a model predicts as 0, so that the error of a row is the size of its label. */
function errorsOf(days: number, labelAt: (at: number, i: number) => number) {
  const count = days * PER_DAY;
  const time = Float64Array.from({ length: count }, (_, i) => (i / PER_DAY) * DAY_MS);
  const label = time.map((at, i) => labelAt(at / DAY_MS, i));
  return { time, label, prediction: new Float64Array(count), error: label.map(Math.abs) };
}
const sinceOf = (rows: ReturnType<typeof errorsOf>, windowMs: number, alarm?: number): number | undefined => {
  const found = locateChange(rows, windowMs, alarm === undefined ? undefined : day(alarm));
  return found && found.at(found.change.since.index) / DAY_MS;
};

describe('the change that an alarm is about', () => {
  const normal = seededNormal(1);
  // up at 40, down at 50, up at 80
  const rows = errorsOf(100, (at) => 10 + normal() + ((at >= 40 && at < 50) || at >= 80 ? 3 : 0));

  it('is the rise near it, which may be five windows before', () => {
    expect(sinceOf(rows, DAY_MS, 42)).toBeCloseTo(40, 0);
    expect(sinceOf(rows, DAY_MS, 82)).toBeCloseTo(80, 0);
    // without an alarm it is the last change
    expect(sinceOf(rows, DAY_MS)).toBeCloseTo(80, 0);
  });

  it('is none if no rise follows, and none lies in the five windows before', () => {
    expect(sinceOf(rows, DAY_MS, 84.5)).toBeCloseTo(80, 0);
    expect(sinceOf(rows, DAY_MS, 95)).toBeUndefined();
    expect(sinceOf(rows, WEEK_MS, 95)).toBeCloseTo(80, 0);
  });
});

describe('rows of one day that share its weather', () => {
  const weather = (days: number) => {
    const [outside, own] = [seededNormal(3), seededNormal(4)];
    const levels = Array.from({ length: days }, () => 20 + outside());
    return errorsOf(days, (at) => (levels[Math.floor(at)] ?? 0) + 0.2 * own());
  };

  it('are one item, so that no day counts as a change', () => {
    expect(locateChange(weather(60), WEEK_MS)).toBeUndefined();
    expect(locateChange(weather(30), WEEK_MS)).toBeUndefined();
  });

  it('are single rows where there are fewer than thirty days', () => {
    expect(locateChange(weather(29), WEEK_MS)).toBeDefined();
  });

  it('have a change where all days from one on are worse, at the start of that day', () => {
    const { label, ...rows } = weather(60);
    const risen = label.map((x, i) => x + (i >= 40 * PER_DAY ? 6 : 0));
    expect(sinceOf({ ...rows, label: risen, error: risen }, WEEK_MS)).toBe(40);
  });
});

it('reduces many rows to means of neighbours, and still says when', () => {
  const normal = seededNormal(5);
  const days = 900;
  const rows = errorsOf(days, (at) => 10 + normal() + (at >= 700 ? 2 : 0));
  expect(rows.time.length).toBe(45_000);
  expect(sinceOf(rows, WEEK_MS)).toBeCloseTo(700, 0);
  // three rows each: the last item begins three rows before the end
  const found = locateChange(rows, WEEK_MS);
  expect((found?.at(1e9) ?? 0) / DAY_MS).toBeCloseTo(days - 3 / PER_DAY, 9);
  const { before, after } = found?.change ?? {};
  expect([before?.value, after?.value].map((x) => Math.round(10 * (x ?? 0)) / 10)).toEqual([10, 12]);
  expect((before?.items ?? 0) + (after?.items ?? 0)).toBe(15_000);
});

describe('a slow change', () => {
  const way = (at: number) => Math.max(0, Math.min(1, (at - 60) / 40));

  it.each([
    ['gradual', (at: number, chance: number) => (chance < way(at) ? 60 : 0)],
    ['incremental', (at: number) => 60 * way(at)],
  ] as const)('is %s as its rows show it, also while it goes on', (form, bias) => {
    for (const days of [120, 99]) {
      const [normal, uniform] = [seededNormal(8), seededRandom(9)];
      const rows = errorsOf(days, (at) => 12 * normal() + bias(at, uniform()));
      expect(locateChange(rows, WEEK_MS)?.change.form).toBe(form);
    }
  });
});

describe('the kind of a change in scored rows', () => {
  /** Scores of which the later ones are higher with `lean`, and labels that come as often as the score says. */
  const scored = (lean: number, truth: (p: number, isLate: boolean) => number) => {
    const uniform = seededRandom(11);
    const count = 6000;
    const time = Float64Array.from({ length: count }, (_, i) => i);
    const prediction = time.map((i) => uniform() ** (i < count / 2 ? 1 : 1 / (1 + lean)));
    const label = prediction.map((p, i) => (uniform() < truth(p, i >= count / 2) ? 1 : 0));
    return { time, prediction, label, error: label.map((y, i) => (y - (prediction[i] ?? 0)) ** 2) };
  };
  const between = (rows: ReturnType<typeof scored>) => kindBetween(rows, instantOf(3000));

  it('is none, virtual or real by what moved', () => {
    expect(between(scored(0, (p) => p))).toBe('none');
    expect(between(scored(1, (p) => p))).toBe('virtual');
    expect(between(scored(0, (p, isLate) => (isLate ? 1 - p : p)))).toBe('real');
    expect(between(scored(1, (p, isLate) => (isLate ? p / 2 : p)))).toBe('real');
  });

  it('is unclear without fifty rows before it', () => {
    const rows = scored(0, (p) => p);
    expect(kindBetween(rows, instantOf(49))).toBe('unclear');
    expect(kindBetween(rows, instantOf(0))).toBe('unclear');
  });
});
