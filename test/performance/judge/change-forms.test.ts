import { describe, expect, it } from 'vitest';
import { DAY_MS, instantOf } from '../../../src/domain/support/time.js';
import { type AnalyseOptions, analyseChange } from '../../../src/performance/judge/change/analyse-change.js';
import { kindBetween, locateChange } from '../../../src/performance/judge/change/locate-change.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';
import { errorBits } from '../../support/streams.js';

/** Numbers around a level for each item, with a standard deviation of one. */
function numbers(count: number, level: (i: number) => number, seed = 1): number[] {
  const normal = seededNormal(seed);
  return Array.from({ length: count }, (_, i) => level(i) + normal());
}
const steps =
  (...parts: readonly (readonly [from: number, level: number])[]) =>
  (i: number): number =>
    parts.findLast(([from]) => i >= from)?.[1] ?? 0;

describe('the form of a change', () => {
  const slope = (i: number): number => 5 * Math.max(0, Math.min(1, (i - 1000) / 1000));

  it.each<[string, readonly number[], AnalyseOptions, string | undefined]>([
    ['no change', numbers(2000, () => 3), {}, undefined],
    ['one step', numbers(2000, steps([0, 0], [1200, 3])), {}, 'sudden'],
    ['one step down', numbers(2000, steps([0, 3], [1200, 0])), {}, 'sudden'],
    ['a step of errors', errorBits(2000, 3, steps([0, 0.1], [1200, 0.5])), {}, 'sudden'],
    ['a straight rise', numbers(3000, slope), {}, 'incremental'],
    ['the same, where so long a rise counts as sudden', numbers(3000, slope), { suddenItems: 2000 }, 'sudden'],
    ['away and back at once', numbers(2000, steps([0, 0], [1000, 5], [1100, 0])), {}, 'blip'],
    ['away and back later', numbers(3000, steps([0, 0], [1000, 5], [1600, 0])), {}, 'recurring'],
    [
      'the same, where so long an excursion is a blip',
      numbers(3000, steps([0, 0], [1000, 5], [1600, 0])),
      { blipItems: 700 },
      'blip',
    ],
    [
      'to a known level',
      numbers(2000, steps([0, 0], [1200, 3])),
      { references: [{ name: 'winter', level: 3 }] },
      'recurring',
    ],
    [
      'to none that is known',
      numbers(2000, steps([0, 0], [1200, 3])),
      { references: [{ name: 'winter', level: 2 }] },
      'sudden',
    ],
  ])('%s', (_, values, options, form) => {
    expect(analyseChange(values, options)?.form).toBe(form);
  });

  it('where two worlds alternate is gradual', () => {
    const uniform = seededRandom(5);
    const values = numbers(3000, (i) => (uniform() < slope(i) / 5 ? 8 : 0));
    expect(analyseChange(values)?.form).toBe('gradual');
  });

  it('needs thirty items that vary', () => {
    const short = numbers(30, steps([0, 0], [15, 20]));
    expect(analyseChange(short)?.form).toBe('sudden');
    expect(analyseChange(short.slice(0, 29))).toBeUndefined();
    expect(analyseChange(Array<number>(100).fill(7))).toBeUndefined();
    expect(analyseChange([...Array<number>(50).fill(0), ...Array<number>(50).fill(1)])?.since.index).toBe(50);
  });
});

describe('what a change says', () => {
  it('names its place and both levels, each with its items and interval', () => {
    const change = analyseChange(numbers(2000, steps([0, 10], [1200, 13])));
    expect(Math.abs((change?.since.index ?? 0) - 1200)).toBeLessThanOrEqual(5);
    expect(change?.since.lower).toBeLessThanOrEqual(1200);
    expect(change?.since.upper).toBeGreaterThanOrEqual(1200);
    expect((change?.since.upper ?? 0) - (change?.since.lower ?? 0)).toBeLessThan(20);
    expect(change?.before.value).toBeCloseTo(10, 0);
    expect(change?.after.value).toBeCloseTo(13, 0);
    expect([change?.before.items, (change?.before.items ?? 0) + (change?.after.items ?? 0)]).toEqual([
      change?.since.index,
      2000,
    ]);
    const reach = (change?.after.upper ?? 0) - (change?.after.value ?? 0);
    expect(reach).toBeCloseTo(1.96 / Math.sqrt(change?.after.items ?? 1), 2);
    expect((change?.after.value ?? 0) - (change?.after.lower ?? 0)).toBeCloseTo(reach, 12);
  });

  it("has Wilson's interval for errors of 0 and 1", () => {
    const values = [...Array<number>(100).fill(0), ...Array<number>(100).fill(1)];
    const change = analyseChange(values);
    // 0 of 100: 0 to 3.70 %
    expect(change?.before.lower).toBeCloseTo(0, 12);
    expect(change?.before.upper).toBeCloseTo(0.037, 4);
    expect(change?.after.lower).toBeCloseTo(0.963, 4);
    expect(change?.after.upper).toBeCloseTo(1, 12);
  });

  it('of a blip has the level during it, and its end', () => {
    const change = analyseChange(numbers(2000, steps([0, 0], [1000, 5], [1100, 0])));
    expect([change?.since.index, change?.until, change?.during?.items]).toEqual([1000, 1100, 100]);
    expect(change?.during?.value).toBeCloseTo(5, 0);
    expect([change?.before.items, change?.after.items]).toEqual([1000, 900]);
  });

  it('of a slow change has start and end, and levels outside of it', () => {
    const change = analyseChange(numbers(3000, (i) => 5 * Math.max(0, Math.min(1, (i - 1000) / 1000))));
    expect(Math.abs((change?.since.index ?? 0) - 1000)).toBeLessThan(100);
    expect(Math.abs((change?.until ?? 0) - 2000)).toBeLessThan(100);
    expect(change?.before.value).toBeCloseTo(0, 0);
    expect(change?.after.value).toBeCloseTo(5, 0);
    // a rise that has just ended leaves no items for a level of its own
    const going = analyseChange(numbers(2000, (i) => 10 * Math.max(0, (i - 1000) / 1000)));
    expect(going?.after).toMatchObject({ items: 0 });
    expect(going?.after.value).toBeCloseTo(10, 0);
  });

  it('that returns names the earlier segment, or the nearest reference', () => {
    const back = analyseChange(numbers(3000, steps([0, 0], [1000, 5], [2000, 0])));
    expect(back?.returnedTo).toMatchObject({ from: 0 });
    expect(back?.since.index).toBe(2000);
    const references = [3.05, 3.01, 0].map((level) => ({ name: `at ${level}`, level }));
    const values = numbers(2000, steps([0, 0], [1200, 3]));
    const after = analyseChange(values)?.after.value ?? 0;
    const nearest = references.reduce((a, b) => (Math.abs(b.level - after) < Math.abs(a.level - after) ? b : a));
    expect(analyseChange(values, { references })?.returnedTo).toEqual({ name: nearest.name });
  });

  it('is not moved by one wild value', () => {
    const values = numbers(2000, () => 3);
    values[700] = 1e9;
    expect(analyseChange(values)).toBeUndefined();
  });
});

describe('the rise that an alarm is about', () => {
  const twice = numbers(3000, steps([0, 0], [1000, 3], [1800, 0], [2400, 3]));
  const alarmAt = (at: number, from = at - 600, to = at + 600) => analyseChange(twice, { alarm: { at, from, to } });

  it.each([
    [1050, 1000],
    [950, 1000],
    [2450, 2400],
  ])('at %i is the one at %i', (at, since) => {
    expect(alarmAt(at)?.since.index).toBe(since);
  });

  it('is none where no rise is near, and never a fall', () => {
    expect(alarmAt(300, 200, 400)).toBeUndefined();
    expect(alarmAt(1850, 1700, 1900)).toBeUndefined();
    expect(alarmAt(1000, 1000, 1000)?.since.index).toBe(1000);
  });
});

describe('a change in the rows of a log', () => {
  const BEGIN = 60;
  /** A hundred rows a day; errors of 1 from day sixty on are likelier. */
  const rows = (days: number, seed = 7) => {
    const uniform = seededRandom(seed);
    const count = days * 100;
    const time = Float64Array.from({ length: count }, (_, i) => (i / 100) * DAY_MS);
    const prediction = Float64Array.from({ length: count }, uniform);
    const label = prediction.map((p, i) => (uniform() < (i < BEGIN * 100 ? p : 1 - p) ? 1 : 0));
    return { time, prediction, label, error: label.map((y, i) => (y - (prediction[i] ?? 0)) ** 2) };
  };

  it('has a time', () => {
    const found = locateChange(rows(100), 7 * DAY_MS);
    expect(found?.change.form).toBe('sudden');
    const at = found?.at(found.change.since.index) ?? 0;
    expect(Math.abs(at - BEGIN * DAY_MS)).toBeLessThan(2 * DAY_MS);
    expect(found?.at(-5)).toBe(0);
    expect(found?.at(1e9)).toBe(instantOf(99.99 * DAY_MS));
  });

  it('is one of the relation where labels of like predictions change', () => {
    expect(kindBetween(rows(100), instantOf(BEGIN * DAY_MS))).toBe('real');
    expect(kindBetween(rows(55), instantOf(30 * DAY_MS))).toBe('none');
    expect(kindBetween(rows(55), instantOf(0))).toBe('unclear');
    expect(kindBetween(rows(55), instantOf(99 * DAY_MS))).toBe('unclear');
  });
});
