import { describe, expect, it } from 'vitest';
import { openStream } from '../../../src/performance/judge/catalogue.js';
import { type AnalyseOptions, analyseChange } from '../../../src/performance/judge/change/analyse-change.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';
import { naiveBayes } from '../../support/naive-bayes.js';
import { errorBits, hasStream, readStream } from '../../support/streams.js';

const STREAMS = 30;

/** A level that moves from a to b within `width` items from `at` on. */
const moving =
  (a: number, b: number, at: number, width: number) =>
  (i: number): number =>
    a + (b - a) * Math.max(0, Math.min(1, (i - at) / width));

/** Share of fixed-seed streams whose change has one of the forms. */
function shareCalled(
  forms: readonly string[],
  stream: (seed: number) => readonly number[],
  options?: AnalyseOptions,
): number {
  const called = Array.from(
    { length: STREAMS },
    (_, seed) => analyseChange(stream(100 + seed), options)?.form ?? 'none',
  );
  return called.filter((form) => forms.includes(form)).length / STREAMS;
}

describe('the form of a change of the error from 0.1 to 0.4', () => {
  it.each([
    ['long', 12_000, 6000],
    ['just found', 6200, 6000],
    ['early', 4000, 1000],
  ] as const)('sudden, %s', (_, count, at) => {
    expect(shareCalled(['sudden'], (seed) => errorBits(count, seed, moving(0.1, 0.4, at, 1)))).toBeGreaterThanOrEqual(
      0.85,
    );
  });

  it.each([
    [2000, 14_000],
    [5000, 15_000],
    [5000, 10_500],
    // still under way
    [2000, 6750],
    [5000, 8750],
  ] as const)('gradual or incremental, over %i rows of %i', (width, count) => {
    const rate = moving(0.1, 0.4, 5000, width);
    expect(shareCalled(['gradual', 'incremental'], (seed) => errorBits(count, seed, rate))).toBeGreaterThanOrEqual(
      0.85,
    );
  });

  it.each([
    ['back after 4000', 12_000, (i: number) => (i >= 4000 && i < 8000 ? 0.4 : 0.1)],
    ['back after 500', 8000, (i: number) => (i >= 4000 && i < 4500 ? 0.4 : 0.1)],
    ['the second world again', 20_000, (i: number) => (Math.floor(i / 5000) % 2 === 1 ? 0.4 : 0.1)],
    ['just back', 12_300, (i: number) => (i >= 4000 && i < 12_000 ? 0.4 : 0.1)],
  ] as const)('recurring, %s', (_, count, rate) => {
    expect(shareCalled(['recurring'], (seed) => errorBits(count, seed, rate))).toBeGreaterThanOrEqual(0.85);
  });

  it('recurring, back to a level that only a reference knows', () => {
    const references = [
      { name: 'summer', level: 0.25 },
      { name: 'winter', level: 0.4 },
    ];
    const stream = (seed: number) => errorBits(9000, seed, moving(0.1, 0.4, 5000, 1));
    expect(shareCalled(['recurring'], stream, { references })).toBeGreaterThanOrEqual(0.85);
    expect(analyseChange(stream(1), { references })?.returnedTo).toEqual({ name: 'winter' });
    expect(shareCalled(['sudden'], stream, { references: references.slice(0, 1) })).toBeGreaterThanOrEqual(0.85);
  });

  it('a blip, away and back within 150 rows', () => {
    const rate = (i: number): number => (i >= 4000 && i < 4150 ? 0.5 : 0.1);
    expect(shareCalled(['blip'], (seed) => errorBits(8000, seed, rate))).toBeGreaterThanOrEqual(0.85);
  });

  it('sudden, where a blip lies before it or after it', () => {
    const rate = (i: number): number => ((i >= 3000 && i < 3100) || i >= 6000 ? 0.5 : 0.1);
    const late = (i: number): number => (i >= 9000 && i < 9100 ? 0.9 : i >= 6000 ? 0.4 : 0.1);
    expect(shareCalled(['sudden'], (seed) => errorBits(12_000, seed, rate))).toBeGreaterThanOrEqual(0.85);
    expect(shareCalled(['sudden'], (seed) => errorBits(12_000, seed, late))).toBeGreaterThanOrEqual(0.85);
  });

  it('none in a stable stream, a constant one, an empty one', () => {
    expect(shareCalled(['none'], (seed) => errorBits(20_000, seed, () => 0.2))).toBeGreaterThanOrEqual(0.95);
    expect(analyseChange(Array.from({ length: 500 }, () => 3))).toBeUndefined();
    expect(analyseChange([])).toBeUndefined();
  });
});

describe('numbers', () => {
  const noisy = (seed: number, level: (i: number, uniform: () => number) => number) => {
    const [normal, uniform] = [seededNormal(seed), seededRandom(seed + 999)];
    return Array.from({ length: 12_000 }, (_, i) => 40 + 5 * (level(i, uniform) + normal()));
  };
  it('distinguish one world that moves from two that alternate', () => {
    const [level, share] = [moving(0, 2, 5000, 2000), moving(0, 1, 5000, 2000)];
    expect(shareCalled(['incremental'], (seed) => noisy(seed, level))).toBeGreaterThanOrEqual(0.85);
    expect(
      shareCalled(['gradual'], (seed) => noisy(seed, (i, uniform) => (uniform() < share(i) ? 2 : 0))),
    ).toBeGreaterThanOrEqual(0.85);
  });

  it('may contain one wild value, which is no change', () => {
    const values = noisy(5, () => 0).map((x, i) => (i === 7000 ? 1e9 : x));
    expect(analyseChange(values)).toBeUndefined();
  });
});

describe('an alarm', () => {
  const level = (i: number): number => (i < 5000 ? 0.1 : i < 9000 ? 0.25 : 0.5);
  const near = (at: number) => ({ alarm: { at, from: at - 3000, to: 12_000 } });

  it('is about the rise beside it, not about a later one', () => {
    const errors = errorBits(12_000, 3, level);
    for (const [at, rise] of [
      [4900, 5000],
      [5200, 5000],
      [8900, 9000],
    ] as const)
      expect(Math.abs((analyseChange(errors, near(at))?.since.index ?? 0) - rise)).toBeLessThan(150);
  });

  it('is about a slow rise as a whole, whenever within it the alarm comes', () => {
    const errors = errorBits(12_000, 4, moving(0.1, 0.5, 5000, 4000));
    for (const at of [5000, 6000, 7500]) {
      const change = analyseChange(errors, near(at));
      expect(['gradual', 'incremental']).toContain(change?.form);
      expect(Math.abs((change?.since.index ?? 0) - 5000)).toBeLessThan(700);
    }
  });

  it('is about no rise that lies outside its span', () => {
    const errors = errorBits(12_000, 5, moving(0.1, 0.4, 9000, 1));
    expect(analyseChange(errors, { alarm: { at: 4000, from: 3000, to: 8500 } })).toBeUndefined();
    expect(analyseChange(errors, { alarm: { at: 4000, from: 3000, to: 9500 } })?.form).toBe('sudden');
  });
});

describe('since when', () => {
  const coverage = (at: number, stream: (seed: number) => readonly number[]): number =>
    Array.from({ length: STREAMS }, (_, seed) => analyseChange(stream(300 + seed))?.since).filter(
      (since) => since !== undefined && since.lower <= at && since.upper >= at,
    ).length / STREAMS;

  it('is an interval that contains the true row nine times in ten', () => {
    expect(coverage(6000, (seed) => errorBits(12_000, seed, moving(0.1, 0.4, 6000, 1)))).toBeGreaterThanOrEqual(0.9);
    expect(coverage(5000, (seed) => errorBits(14_000, seed, moving(0.1, 0.4, 5000, 2000)))).toBeGreaterThanOrEqual(0.9);
  });

  it('comes with the levels before and after and their intervals', () => {
    const change = analyseChange(errorBits(12_000, 4, moving(0.1, 0.4, 6000, 1)));
    expect(change?.since.index).toBeGreaterThan(5950);
    expect(change?.since.index).toBeLessThan(6050);
    expect(change?.before.value).toBeCloseTo(0.1, 1);
    expect(change?.after.lower).toBeLessThan(0.4);
    expect(change?.after.upper).toBeGreaterThan(0.4);
  });
});

describe.skipIf(!hasStream('sine1.csv'))('sine1 with naive Bayes, reset at each alarm', () => {
  it('finds each change sudden and its beginning within 150 rows, from the rows up to the alarm', () => {
    const stream = openStream('ensemble');
    let [model, from] = [naiveBayes(), 0];
    const errors: number[] = [];
    const found = readStream('sine1.csv').flatMap(([x, y, name], i) => {
      const row = [Number(x), Number(y)];
      errors.push(model.predict(row) === name ? 0 : 1);
      model.learn(row, name ?? '');
      if (stream.update(errors[i] ?? 0) !== 'drift') return [];
      const change = analyseChange(errors.slice(from));
      const since = from + (change?.since.index ?? 0);
      [model, from] = [naiveBayes(), i + 1];
      return [
        { form: change?.form, offBy: since - Math.round(since / 20_000) * 20_000, change: Math.round(since / 20_000) },
      ];
    });
    process.stderr.write(`sine1: since, rows from the change: ${found.map((one) => one.offBy).join(', ')}\n`);
    expect(found.map(({ form, change }) => ({ form, change }))).toEqual(
      [1, 2, 3, 4].map((change) => ({ form: 'sudden', change })),
    );
    for (const { offBy } of found) expect(Math.abs(offBy)).toBeLessThanOrEqual(150);
  });
});
