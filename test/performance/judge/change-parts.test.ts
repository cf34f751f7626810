import { describe, expect, it } from 'vitest';
import { countBefore } from '../../../src/performance/judge/change/labelled-rows.js';
import { doesAlternate, likeliestRamp } from '../../../src/performance/judge/change/ramp.js';
import { changePenalty, findSegments, likeliestStep } from '../../../src/performance/judge/change/segments.js';
import {
  flatLikelihood,
  levelOf,
  logLikelihood,
  recordedStream,
} from '../../../src/performance/judge/change/stream.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

const noisy = (count: number, level: (i: number) => number, sd = 0.5): number[] => {
  const normal = seededNormal(3);
  return Array.from({ length: count }, (_, i) => level(i) + sd * normal());
};

describe('a recorded stream', () => {
  it('has cumulative sums, and the variance of its noise', () => {
    const { sums, isBits, variance } = recordedStream([1, 3, 2, 4]);
    expect([...sums]).toEqual([0, 1, 4, 6, 10]);
    expect(isBits).toBe(false);
    // steps 2, −1, 2: half of their mean square
    expect(variance).toBe(9 / 6);
    expect(recordedStream([0, 1, 1]).isBits).toBe(true);
    expect(recordedStream([0, 1, 0.5]).isBits).toBe(false);
    expect(recordedStream([5]).variance).toBe(0);
  });

  it('takes wild values as eight robust standard deviations away', () => {
    // median 3, median deviation 1
    const { values } = recordedStream([1, 2, 3, 4, 5, 6, 1000, -1000, 3]);
    expect(values[6]).toBeCloseTo(3 + 8 * 1.4826 * 2, 10);
    expect(values[7]).toBeCloseTo(3 - 8 * 1.4826 * 2, 10);
    expect([...values.slice(0, 6)]).toEqual([1, 2, 3, 4, 5, 6]);
    // more than half of the values are equal: there is no deviation to measure by
    expect([...recordedStream([7, 7, 7, 900]).values]).toEqual([7, 7, 7, 900]);
  });

  it('has levels and likelihoods of its parts', () => {
    const numbers = recordedStream([1, 3, 2, 4]);
    expect(levelOf(numbers, 1, 3)).toBe(2.5);
    expect(logLikelihood(numbers, 2, 3, 9)).toBeCloseTo((2 * 9 - (4 * 3) / 2) / 1.5, 12);
    expect(flatLikelihood(numbers, 0, 4)).toBeCloseTo((2.5 * 10 - (6.25 * 4) / 2) / 1.5, 12);
    const bits = recordedStream([1, 0, 0, 0]);
    expect(flatLikelihood(bits, 0, 4)).toBeCloseTo(Math.log(0.25) + 3 * Math.log(0.75), 12);
    expect(flatLikelihood(bits, 1, 4)).toBeCloseTo(0, 6);
    expect(logLikelihood(bits, 0, 1, 1)).toBeCloseTo(Math.log(1e-9), 6);
  });
});

describe('segments of constant level', () => {
  it.each([
    ['none', () => 0, [300]],
    ['one', (i: number) => (i < 100 ? 0 : 5), [100, 300]],
    ['two', (i: number) => (i < 100 ? 0 : i < 180 ? 5 : 2), [100, 180, 300]],
  ])('%s change', (_, level, ends) => {
    const segments = findSegments(recordedStream(noisy(300, level)));
    expect(segments.map((one) => one.to)).toEqual(ends);
    expect(segments.map((one) => one.from)).toEqual([0, ...ends.slice(0, -1)]);
  });

  it.each([1230, 1234, 1238, 1242])('end at their exact item also in a stream of many: %i', (at) => {
    const segments = findSegments(recordedStream(noisy(4003, (i) => (i < at ? 0 : 5))));
    expect(segments.map((one) => one.to)).toEqual([at, 4003]);
  });

  it('need a gain that grows with the logarithm of the items', () => {
    expect(changePenalty(Math.E ** 4)).toBeCloseTo(6, 12);
  });

  it('have an end whose place is known as well as the step is high', () => {
    const place = (height: number) => likeliestStep(recordedStream(noisy(400, (i) => (i < 200 ? 0 : height))), 0, 400);
    const [high, low] = [place(5), place(0.5)];
    expect([high.at, high.lower, high.upper]).toEqual([200, 200, 200]);
    expect(low.upper - low.lower).toBeGreaterThan(2);
    expect(low.lower).toBeLessThanOrEqual(200);
    expect(low.upper).toBeGreaterThanOrEqual(200);
  });
});

describe('the likeliest step between two items', () => {
  /** The same by sums of squared residuals, which are the log-likelihood times −2 variances. */
  const bySquares = (values: readonly number[], variance: number, from: number, to: number) => {
    const squares = (part: readonly number[]) => {
      const mean = part.reduce((sum, x) => sum + x, 0) / part.length;
      return part.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    };
    const places = Array.from({ length: to - from - 1 }, (_, i) => from + 1 + i);
    const sums = places.map((at) => squares(values.slice(from, at)) + squares(values.slice(at, to)));
    const least = Math.min(...sums);
    // 3.68 is the 95 % point of a step's place
    const likely = places.filter((_, i) => (sums[i] ?? 0) <= least + 2 * 3.68 * variance);
    return { at: places[sums.indexOf(least)], lower: likely[0], upper: likely.at(-1) };
  };

  it.each([
    [0, 400],
    [60, 340],
    [150, 300],
    [190, 240],
  ])('leaves the least squares, from %i to %i', (from, to) => {
    const values = noisy(400, (i) => (i < 50 ? 3 : i < 200 ? 0 : i < 350 ? 0.6 : 5));
    const stream = recordedStream(values);
    expect(likeliestStep(stream, from, to)).toMatchObject(bySquares(values, stream.variance, from, to));
  });

  it('is the first of equally likely ones, and the only one between two items', () => {
    const stream = recordedStream([0, 0, 1, 0, 0]);
    expect(likeliestStep(stream, 1, 4)).toMatchObject({ at: 2, lower: 2, upper: 3 });
    expect(likeliestStep(stream, 3, 5)).toMatchObject({ at: 4, lower: 4, upper: 4 });
  });
});

describe('a ramp', () => {
  const level = (i: number): number => 1 + 4 * Math.max(0, Math.min(1, (i - 200) / 200));

  it('has start, end and both levels', () => {
    const ramp = likeliestRamp(recordedStream(noisy(600, level)), 0, 600);
    expect(Math.abs(ramp.start - 200)).toBeLessThan(25);
    expect(Math.abs(ramp.end - 400)).toBeLessThan(25);
    expect(ramp.before).toBeCloseTo(1, 0);
    expect(ramp.after).toBeCloseTo(5, 0);
    expect(ramp.lower).toBeLessThanOrEqual(ramp.start);
    expect(ramp.upper).toBeGreaterThanOrEqual(ramp.start);
    expect(ramp.upper - ramp.lower).toBeLessThan(80);
  });

  it('is found exactly where no noise hides it', () => {
    const wayAt = (i: number): number => Math.max(0, Math.min(1, (i + 0.5 - 80) / 80));
    for (const [from, height] of [
      [0, 4],
      [60, -4],
    ] as const) {
      const values = Array.from({ length: 240 + from }, (_, i) => 1 + height * wayAt(i - from));
      const ramp = likeliestRamp(recordedStream(values), from, values.length);
      expect(ramp).toMatchObject({ start: from + 80, end: from + 160 });
      expect(ramp.before).toBeCloseTo(1, 9);
      expect(ramp.after).toBeCloseTo(1 + height, 9);
    }
  });

  describe('is the best of all between two items', () => {
    /** Straight lines fitted to cells of so many items by least squares, for every start and end. */
    const allRamps = (values: readonly number[], variance: number, { from, size }: { from: number; size: number }) => {
      const cells = Array.from({ length: Math.ceil((values.length - from) / size) }, (_, i) => {
        const part = values.slice(from + i * size, from + (i + 1) * size);
        const mean = part.reduce((sum, x) => sum + x, 0) / part.length;
        return { middle: from + i * size + part.length / 2, count: part.length, mean };
      });
      const weighted = (of: (cell: (typeof cells)[number]) => number) =>
        cells.reduce((sum, cell) => sum + cell.count * of(cell), 0);
      const [rows, mean] = [weighted(() => 1), weighted((cell) => cell.mean)];
      const places = [...cells.map((_, i) => from + i * size), values.length];
      return places.flatMap((start) =>
        places
          .filter((end) => end > start)
          .map((end) => {
            const way = (at: number) => Math.max(0, Math.min(1, (at - start) / (end - start)));
            const middle = weighted((cell) => way(cell.middle)) / rows;
            const spread = weighted((cell) => (way(cell.middle) - middle) ** 2);
            const common = weighted((cell) => (way(cell.middle) - middle) * (cell.mean - mean / rows));
            // the squares that the line explains, as a log-likelihood
            const explained = mean ** 2 / rows + (spread === 0 ? 0 : common ** 2 / spread);
            return { start, end, likelihood: explained / (2 * variance) };
          }),
      );
    };

    it.each([
      ['a long one', { from: 0, items: 200, size: 1, start: 60, length: 90, height: 3 }],
      ['a short one', { from: 40, items: 240, size: 1, start: 150, length: 12, height: 3 }],
      ['one in the other direction', { from: 30, items: 200, size: 1, start: 80, length: 60, height: -2 }],
      ['one that goes on', { from: 0, items: 180, size: 1, start: 90, length: 200, height: 5 }],
      ['one that began before', { from: 20, items: 200, size: 1, start: -40, length: 150, height: 5 }],
      ['one in pairs of items', { from: 50, items: 449, size: 2, start: 200, length: 120, height: 3 }],
    ] as const)('%s', (_, { from, items, size, start, length, height }) => {
      const values = noisy(items, (i) => height * Math.max(0, Math.min(1, (i - start) / length)), 0.4);
      const stream = recordedStream(values);
      const all = allRamps(values, stream.variance, { from, size });
      const best = all.reduce((one, other) => (other.likelihood > one.likelihood ? other : one));
      const ramp = likeliestRamp(stream, from, items);
      expect(ramp).toMatchObject({ start: best.start, end: best.end });
      expect(ramp.likelihood).toBeCloseTo(best.likelihood, 6);
      // starts with some end that is as likely as 95 % of the chi-square law allow
      const starts = all.filter((one) => one.likelihood >= best.likelihood - 1.92).map((one) => one.start);
      expect(Math.abs(ramp.lower - Math.min(...starts))).toBeLessThanOrEqual(3 * size);
      expect(Math.abs(ramp.upper - Math.max(...starts))).toBeLessThanOrEqual(3 * size);
    });
  });

  it('alternates where its middle is empty: two normal levels four deviations apart, from 1.3443 beside it on', () => {
    // half of each level is likelier than a level in between where cosh(2d) > e²
    const alternates = (x: number) => {
      const stream = { ...recordedStream([0, 2, 4]), values: Float64Array.of(9, x, 9), variance: 1 };
      return doesAlternate(stream, { start: 1, end: 2, before: 0, after: 4, likelihood: 0, lower: 0, upper: 0 });
    };
    expect([0.65, 0.66, 2, 3.34, 3.35].map(alternates)).toEqual([true, false, false, false, true]);
  });

  it('of errors alternates from eight equal ones in a row on, at a rate of one half', () => {
    // each pair adds 0.25, with a variance of 0.0625: 7 · 0.25 > 2.58 · √7 · 0.25, but not 6
    const alternates = (run: number) => {
      const stream = recordedStream([0, ...new Array<number>(run).fill(1), 0]);
      const ramp = { start: 1, end: run + 1, before: 0.5, after: 0.5, likelihood: 0, lower: 0, upper: 0 };
      return doesAlternate(stream, ramp);
    };
    expect([7, 8].map(alternates)).toEqual([undefined, true]);
  });

  it('is more likely than one level, and than a step where the level moves slowly', () => {
    const stream = recordedStream(noisy(600, level));
    const ramp = likeliestRamp(stream, 0, 600);
    expect(ramp.likelihood).toBeGreaterThan(likeliestStep(stream, 0, 600).likelihood + 10);
    expect(likeliestStep(stream, 0, 600).likelihood).toBeGreaterThan(flatLikelihood(stream, 0, 600) + 10);
  });

  it('alternates where single items are of one world or the other', () => {
    const uniform = seededRandom(9);
    const moving = recordedStream(noisy(600, level));
    const mixed = recordedStream(noisy(600, (i) => (uniform() < (level(i) - 1) / 4 ? 5 : 1)));
    const ramp = { ...likeliestRamp(moving, 0, 600), start: 200, end: 400, before: 1, after: 5 };
    expect(doesAlternate(moving, ramp)).toBe(false);
    expect(doesAlternate({ ...mixed, variance: 0.25 }, ramp)).toBe(true);
  });

  it('of errors alternates only where they come in runs', () => {
    const uniform = seededRandom(9);
    const ramp = { start: 0, end: 400, before: 0.1, after: 0.9, likelihood: 0, lower: 0, upper: 0 };
    const single = recordedStream(Array.from({ length: 400 }, (_, i) => (uniform() < 0.1 + i / 500 ? 1 : 0)));
    expect(doesAlternate(single, ramp)).toBeUndefined();
    const runs = recordedStream(Array.from({ length: 400 }, (_, i) => (i % 40 < 4 + i / 12 ? 1 : 0)));
    expect(doesAlternate(runs, ramp)).toBe(true);
  });
});

it('counts rows before a time', () => {
  const time = Float64Array.of(1, 2, 2, 5);
  expect([0, 1, 1.5, 2, 3, 5, 6].map((at) => countBefore(time, at))).toEqual([0, 0, 1, 1, 3, 3, 4]);
  expect(countBefore(new Float64Array(), 3)).toBe(0);
});
