import { describe, expect, it } from 'vitest';
import { type AnalyseOptions, analyseChange } from '../../../src/performance/judge/change/analyse-change.js';
import { likeliestStep } from '../../../src/performance/judge/change/segments.js';
import { recordedStream } from '../../../src/performance/judge/change/stream.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

type Part = readonly [items: number, level: number | ((share: number) => number)];

/** Items that lie alternately half above and half below their level, so that every mean is known. */
const stream = (...parts: readonly Part[]): number[] =>
  parts.flatMap(([items, level]) =>
    Array.from(
      { length: items },
      (_, i) => (typeof level === 'number' ? level : level(i / items)) + (i % 2 === 0 ? 0.5 : -0.5),
    ),
  );
const rising =
  (from: number, to: number) =>
  (share: number): number =>
    from + (to - from) * share;

/** The place of the change that an alarm is about. */
const sinceAt = (values: readonly number[], at: number, options: AnalyseOptions = {}, from = 0, to = values.length) =>
  analyseChange(values, { ...options, alarm: { at, from, to } })?.since.index;

describe('an excursion', () => {
  it('is a blip if it takes fewer items than asked for', () => {
    const away = (items: number) => stream([400, 0], [items, 5], [400, 0]);
    expect(analyseChange(away(248))?.form).toBe('blip');
    expect(analyseChange(away(250))?.form).toBe('recurring');
    expect(analyseChange(away(100), { blipItems: 100 })?.form).toBe('recurring');
    expect(analyseChange(away(100), { blipItems: 101 })?.form).toBe('blip');
  });

  it('ends at the old level if that differs by less than a quarter of the way', () => {
    // away by 3 and back to d: d against (3 − d) / 4, equal at 0.6
    const back = (d: number) => analyseChange(stream([10, 100], [10, 103], [10, 100 + d]))?.form;
    expect(back(0.55)).toBe('blip');
    expect(back(0.65)).toBe('sudden');
    expect(back(-0.55)).toBe('blip');
  });

  it('ends at the old level if that differs by no more than chance would', () => {
    // noise of variance 0.55 and a hundred items each: a standard error of 0.105, and 2.58 of them are 0.27
    const back = (d: number) => analyseChange(stream([100, 100], [100, 104], [100, 100 + d]))?.form;
    expect(back(0.2)).toBe('blip');
    expect(back(0.35)).toBe('sudden');
  });

  it('of errors ends at the old rate if that is within chance', () => {
    const every = (items: number, errors: number) =>
      Array.from({ length: items }, (_, i) => (((i + 1) * errors) % items < errors ? 1 : 0));
    const back = (errors: number) =>
      analyseChange([...every(100, 0), ...Array<number>(50).fill(1), ...every(100, errors)])?.form;
    // one error more and one fewer than seen: 0 of 100 has the standard error 0.0099, 7 of 100 has 0.0268
    expect(back(7)).toBe('blip');
    expect(back(8)).toBe('sudden');
  });

  it('is set aside before a later change is described', () => {
    const change = analyseChange(stream([400, 0], [100, 5], [400, 0], [400, 3]));
    expect(change).toMatchObject({ form: 'sudden', since: { index: 900 }, before: { value: 0, items: 900 } });
  });

  it('has the mean of the items on both sides', () => {
    const change = analyseChange(stream([200, 10], [300, 0], [100, 5], [600, 0.1], [400, 3]));
    expect(change).toMatchObject({ form: 'sudden', since: { index: 1200 }, before: { items: 1000 } });
    expect(change?.before.value).toBeCloseTo((600 * 0.1) / 900, 9);
  });

  it('is not taken for the later change, although it is higher', () => {
    const change = analyseChange(stream([400, 0], [100, 8], [400, 0], [400, 1]));
    expect(change).toMatchObject({ form: 'sudden', since: { index: 900 }, before: { value: 0 }, after: { value: 1 } });
    expect(change?.since.lower).toBeGreaterThan(890);
  });

  it.each([
    [8, 3],
    [3, 3],
    [3, 8],
    [-8, 3],
  ])('after another one is a blip too: by %i and by %i', (first, second) => {
    const change = analyseChange(stream([400, 0], [100, first], [500, 0], [100, second], [400, 0]));
    expect(change).toMatchObject({ form: 'blip', since: { index: 1000 }, until: 1100 });
    expect(change?.since.lower).toBeGreaterThan(990);
    expect(change?.during).toMatchObject({ value: second, items: 100 });
    expect(change?.before).toMatchObject({ value: 0, items: 1000 });
    expect(change?.after).toMatchObject({ value: 0, items: 400 });
  });

  it('of errors may come several times', () => {
    const few = (items: number) => Array.from({ length: items }, (_, i) => (i % 10 === 5 ? 1 : 0));
    const bad = new Array<number>(60).fill(1);
    const change = analyseChange([...few(300), ...bad, ...few(300), ...bad, ...few(300), ...bad, ...few(300)]);
    expect(change).toMatchObject({ form: 'blip', since: { index: 1020 }, until: 1080, during: { value: 1 } });
    expect(change?.before.value).toBeCloseTo(0.1, 2);
  });

  it('has an interval of places that begins before it where it is low', () => {
    const normal = seededNormal(4);
    const values = Array.from({ length: 900 }, (_, i) => (i >= 400 && i < 480 ? 1 : 0) + normal());
    const change = analyseChange(values);
    expect(change?.form).toBe('blip');
    expect(change?.since.lower).toBeLessThan(change?.since.index ?? 0);
    expect(change?.since.upper).toBeGreaterThan(change?.since.index ?? 0);
  });
});

describe('a world that returns', () => {
  it('must have lasted as long as a world does', () => {
    const again = (items: number) => analyseChange(stream([items, 0], [600, 5], [600, 0]));
    expect(again(248)?.form).toBe('sudden');
    expect(again(250)).toMatchObject({ form: 'recurring', returnedTo: { from: 0, to: 250 } });
  });

  it('is the newest of several', () => {
    const values = stream([400, 10], [400, 15], [400, 10], [400, 15], [400, 10]);
    expect(analyseChange(values)?.returnedTo).toEqual({ from: 800, to: 1200 });
  });

  it('has its level, as far as chance allows', () => {
    // noise of variance 0.51 and six hundred items each: 2.58 standard errors are 0.106
    const back = (d: number) => analyseChange(stream([600, 10], [600, 15], [600, 10 + d]))?.form;
    expect(back(0.09)).toBe('recurring');
    expect(back(0.13)).toBe('sudden');
  });

  it('is the reference with the nearest level, whatever the order', () => {
    const references = [3.05, 2.99, 3.03].map((level) => ({ name: `at ${level}`, level }));
    for (const given of [references, references.toReversed()])
      expect(analyseChange(stream([600, 0], [600, 3]), { references: given })?.returnedTo).toEqual({ name: 'at 2.99' });
  });

  it('is the reference near the new level, compared with the way from the old one', () => {
    const references = [{ name: 'winter', level: 3.02 }];
    expect(analyseChange(stream([600, -3], [600, 3]), { references })?.returnedTo).toEqual({ name: 'winter' });
  });

  it('is none while the change goes on', () => {
    const going = stream([1000, 0], [1000, rising(0, 10)]);
    const change = analyseChange(going, { references: [{ name: 'winter', level: 10 }] });
    expect(change).toMatchObject({ form: 'incremental', after: { items: 0 } });
    expect(change?.until).toBeUndefined();
  });
});

describe('a slow change', () => {
  const slow = stream([600, 5], [600, 0], [800, rising(0, 5)], [600, 5]);

  it('begins after an earlier change in the other direction', () => {
    const change = analyseChange(slow);
    expect(change?.form).toBe('recurring');
    expect(change?.since.index).toBeGreaterThan(1100);
    expect(change?.since.index).toBeLessThan(1300);
    expect(change?.until).toBeGreaterThan(1900);
    expect(change?.until).toBeLessThan(2100);
    expect(change?.before.items).toBe((change?.since.index ?? 0) - 600);
    expect(change?.after.items).toBe(2600 - (change?.until ?? 0));
  });

  it('is sudden if it takes fewer items than asked for', () => {
    const values = stream([600, 0], [400, rising(0, 5)], [600, 5]);
    const { since, until } = analyseChange(values) ?? {};
    const taken = (until ?? 0) - (since?.index ?? 0);
    expect(Math.abs(taken - 400)).toBeLessThan(60);
    expect(analyseChange(values, { suddenItems: taken })?.form).toBe('incremental');
    expect(analyseChange(values, { suddenItems: taken + 1 })?.form).toBe('sudden');
  });

  it('that is too short to be called slow may have begun where it does', () => {
    const values = stream([600, 0], [150, rising(0, 1)], [50, 1]);
    const { form, since } = analyseChange(values) ?? {};
    const step = likeliestStep(recordedStream(values), 0, 800);
    expect(form).toBe('sudden');
    expect([since?.index, since?.upper]).toEqual([step.at, step.upper]);
    expect(step.lower).toBeGreaterThan(600);
    expect(since?.lower).toBeLessThan(600);
  });

  it('has the level of its fit where fewer than thirty items come before it', () => {
    const change = analyseChange(stream([10, 0], [800, rising(0, 8)], [600, 8]));
    expect(change).toMatchObject({ form: 'incremental', before: { items: 0 } });
    expect(change?.before.value).toBeCloseTo(0, 0);
    expect(change?.before.lower).toBe(change?.before.value);
  });

  it('may be a single step by the segments of its stream', () => {
    const normal = seededNormal(2);
    const values = Array.from({ length: 900 }, (_, i) => Math.max(0, Math.min(1, (i - 250) / 400)) * 1.2 + normal());
    expect(analyseChange(values)?.form).toBe('incremental');
  });
});

describe('a step', () => {
  const high = stream([1000, 0], [1000, 5]);

  it('is sudden also where very short ramps would count as slow', () => {
    expect(analyseChange(high, { suddenItems: 3 })?.form).toBe('sudden');
    const normal = seededNormal(6);
    const weak = Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 0 : 1) + normal());
    expect(analyseChange(weak, { suddenItems: 3 })?.form).toBe('sudden');
  });

  it('that is high has no doubt about its place', () => {
    const { since } = analyseChange(high) ?? {};
    expect(since).toEqual({ index: 1000, lower: 1000, upper: 1000 });
    const { lower, upper } = likeliestStep(recordedStream(high), 0, 2000);
    expect([lower, upper]).toEqual([1000, 1000]);
  });

  it("has Wilson's interval of both rates", () => {
    const values = Array.from({ length: 200 }, (_, i) => (i < 100 ? (i % 10 < 3 ? 1 : 0) : i % 10 < 9 ? 1 : 0));
    const { before, after } = analyseChange(values) ?? {};
    // 30 of 100: 21.9 to 39.6 %; 90 of 100: 82.6 to 94.5 %
    expect(before).toMatchObject({ value: 0.3, items: 100 });
    expect(before?.lower).toBeCloseTo(0.2189, 3);
    expect(before?.upper).toBeCloseTo(0.3959, 3);
    expect(after?.lower).toBeCloseTo(0.8256, 3);
    expect(after?.upper).toBeCloseTo(0.9448, 3);
  });
});

describe('an alarm', () => {
  it('is about the rise nearest to it, of two equally near ones the later', () => {
    const twice = stream([1000, 0], [600, 3], [600, 0], [600, 3]);
    expect(sinceAt(twice, 1550)).toBe(1000);
    expect(sinceAt(twice, 1600)).toBe(2200);
    expect(sinceAt(twice, 1900)).toBe(2200);
  });

  it('is never about a fall, however near', () => {
    const dip = stream([900, 3], [100, 0], [1000, 3]);
    expect(sinceAt(dip, 880, { blipItems: 50 })).toBe(1000);
    expect(sinceAt(stream([1000, 0], [1000, -3]), 1050)).toBeUndefined();
  });

  it('is about a rise also where all errors are negative', () => {
    expect(sinceAt(stream([1000, -5], [1000, -2]), 1050, {}, 450)).toBe(1000);
  });

  it('is about the nearest step of a staircase', () => {
    const stairs = stream([1000, 0], [400, 3], [1000, 6]);
    expect(sinceAt(stairs, 1010)).toBe(1000);
    expect(sinceAt(stairs, 1390)).toBe(1400);
    expect(sinceAt(stairs, 1199)).toBe(1000);
    expect(sinceAt(stairs, 1201)).toBe(1400);
  });

  describe('within a slow rise', () => {
    const uniform = seededRandom(5);
    const slow: readonly (readonly [string, readonly number[]])[] = [
      ['incremental', stream([1000, 0], [1000, rising(0, 5)])],
      [
        'gradual',
        Array.from({ length: 2000 }, (_, i) => (uniform() < (i - 1000) / 1000 ? 8 : 0) + (i % 2 ? 0.5 : -0.5)),
      ],
    ];

    it.each(slow)('that is %s is about that rise, and the nearer to a step after it about the step', (form, before) => {
      const settled = [...before, ...stream([100, form === 'gradual' ? 8 : 5], [400, 20])];
      const found = (at: number) => analyseChange(settled, { alarm: { at, from: 0, to: settled.length } });
      expect(found(1900)?.form).toBe(form);
      expect(Math.abs((found(1900)?.since.index ?? 0) - 1000)).toBeLessThan(120);
      expect(found(2095)).toMatchObject({ form: 'sudden', since: { index: 2100 } });
    });

    it('that still goes on when a step follows is about that rise', () => {
      const values = [...stream([1000, 0], [1000, rising(0, 5)], [500, 20])];
      const change = analyseChange(values, { alarm: { at: 1950, from: 0, to: values.length } });
      expect(change?.form).toBe('incremental');
      expect(Math.abs((change?.since.index ?? 0) - 1000)).toBeLessThan(20);
    });

    it('and no later one, if a step is nearer', () => {
      const values = stream([1000, 0], [600, 3], [1000, rising(3, 9)], [400, 9]);
      expect(sinceAt(values, 1100)).toBe(1000);
    });
  });
});

describe('an alarm on a rise that came twice', () => {
  const found = (values: readonly number[], pause = { least: 300, most: 700 }) =>
    analyseChange(values, { alarm: { at: 400, from: 0, to: values.length, pause } });

  it('is about a world that comes and goes, since it came last', () => {
    const twice = stream([400, 0], [300, 8], [300, 0], [300, 8]);
    expect(found(twice)).toMatchObject({
      form: 'recurring',
      since: { index: 1000 },
      before: { value: 0, items: 300 },
      after: { value: 8, items: 300 },
      returnedTo: { from: 400, to: 700 },
    });
    const thrice = [...twice, ...stream([300, 0], [300, 8])];
    expect(found(thrice)).toMatchObject({ since: { index: 1600 }, returnedTo: { from: 400, to: 700 } });
    const overNow = [...twice, ...stream([300, 0])];
    expect(found(overNow)).toMatchObject({ form: 'recurring', since: { index: 1000 }, after: { items: 300 } });
  });

  it('needs each world to stay, and the old one not for long', () => {
    const away = (items: number) => found(stream([400, 0], [600, 8], [items, 0], [600, 8]))?.form;
    expect(away(300)).toBe('recurring');
    expect(away(298)).toBe('sudden');
    const first = (items: number) => found(stream([400, 0], [items, 8], [600, 0], [600, 8]))?.form;
    expect(first(300)).toBe('recurring');
    expect(first(298)).toBe('sudden');
    const second = (items: number) => found(stream([400, 0], [600, 8], [600, 0], [items, 8]))?.form;
    expect(second(300)).toBe('recurring');
    expect(second(298)).toBe('sudden');
    expect(away(700)).toBe('recurring');
    expect(away(702)).toBe('sudden');
  });

  it('needs both levels again, to a quarter of the way', () => {
    // a quarter of 8 is 2
    const back = (level: number) => found(stream([400, 0], [600, 8], [600, level], [600, 8]))?.form;
    expect(back(1.9)).toBe('recurring');
    expect(back(2.1)).toBe('sudden');
    expect(back(-1.9)).toBe('recurring');
    expect(back(-2.1)).toBe('sudden');
    const again = (level: number) => found(stream([400, 0], [600, 8], [600, 0], [600, level]))?.form;
    expect(again(9.9)).toBe('recurring');
    expect(again(10.1)).toBe('sudden');
    expect(again(6.1)).toBe('recurring');
    expect(again(5.9)).toBe('sudden');
  });

  it('is about the first one if no pause is asked for', () => {
    const values = stream([400, 0], [600, 8], [600, 0], [600, 8]);
    expect(sinceAt(values, 400)).toBe(400);
  });

  it('is about that rise while the old level has not come back', () => {
    expect(found(stream([400, 0], [600, 8]))).toMatchObject({ form: 'sudden', since: { index: 400 } });
    expect(found(stream([400, 0], [600, 8], [600, 0]))).toMatchObject({ form: 'sudden', since: { index: 400 } });
  });
});
