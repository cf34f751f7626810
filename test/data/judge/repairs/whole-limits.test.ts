import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import { column, pair, roundTo } from '../profiles.js';

/** Evenly from 0 to 1. */
const units = (count: number): number[] => Array.from({ length: count }, (_, i) => i / count);
/** Evenly on the logarithmic scale. A factor f moves it by a distance of ln f / width. */
const spread = (width: number, count = 1000, from = 1): number[] => units(count).map((u) => from * Math.exp(width * u));
const times = (factor: number, values: readonly number[]): number[] => values.map((value) => factor * value);
const says = (one: ColumnPast): string => {
  const found = testRepairs(one);
  return found === undefined ? 'nothing' : found.severity;
};
const MILE = 1.609344;

describe('the drift that a repair may explain', () => {
  const miles = (width: number, count: number) =>
    says(pair('distance', spread(width, count), times(MILE, spread(width, count))));

  it('is more than a tenth', () => {
    // ln 1.609344 = 0.476
    expect(miles(4.6, 1000)).toBe('unclear');
    expect(miles(4.9, 1000)).toBe('nothing');
  });

  it('is more than sampling: 1.95 · √(2 / 100) = 0.276', () => {
    expect(miles(1.66, 100)).toBe('unclear');
    expect(miles(1.79, 100)).toBe('nothing');
  });

  it('is more than four of a hundred where whole numbers have become fractions', () => {
    const wholes = (width: number) => spread(width, 10_000, 100).map(Math.round);
    const one = (width: number, past: ColumnPast['past'] = []) =>
      pair('distance', wholes(width), times(MILE, wholes(width)), { past });
    expect(says(one(11.5))).toBe('error');
    expect(says(one(12.5))).toBe('nothing');
    expect(says(one(11.5, [column('distance', [0.5])]))).toBe('nothing');
  });

  it('is that of the values beside zeros from a fifth of zeros on', () => {
    const withZeros = (share: number, factor: number) => [
      ...times(0, units(1000 * share)),
      ...times(factor, spread(4.33, 1000 * (1 - share))),
    ];
    // 0.11 · 0.8 = 0.088 of all rows
    const judge = (was: number, is: number) => says(pair('distance', withZeros(was, 1), withZeros(is, MILE)));
    expect(judge(0.2, 0.2)).toBe('unclear');
    expect(judge(0.19, 0.2)).toBe('nothing');
    expect(judge(0.2, 0.19)).toBe('nothing');
  });
});

describe('values beside zeros', () => {
  it('have the sampling of their own rows: 1.95 · √(2 / 400) = 0.138', () => {
    const withZeros = (width: number, factor: number) => [
      ...times(0, units(100)),
      ...times(factor, spread(width, 400)),
    ];
    const judge = (width: number) => says(pair('distance', withZeros(width, 1), withZeros(width, MILE)));
    // 0.476 / 3.66 = 0.13, and 0.476 / 3.2 = 0.149, of which 0.119 of all rows are within 1.95 · √(2 / 500) = 0.123
    expect(judge(3.66)).toBe('nothing');
    expect(judge(3.2)).toBe('unclear');
  });

  it('need not exist in either window', () => {
    const zeros = times(0, units(1000));
    const half = [...times(0, units(500)), ...spread(3, 500)];
    expect(says(pair('x', zeros, half))).toBe('nothing');
    expect(says(pair('x', half, zeros))).toBe('nothing');
    expect(says(pair('x', zeros, zeros))).toBe('nothing');
  });
});

describe('the repair that is named', () => {
  it('leaves least, of several that would do', () => {
    const grown = (factor: number) => testRepairs(pair('x', spread(3), times(factor, spread(3))))?.repair;
    expect(grown(7.4)).toBe('divide by 7 (days to weeks)');
    expect(grown(7.6)).toBe('divide by 8 (bits to bytes)');
  });

  it('is no time zone of a few moments', () => {
    const days = (hours: number): number[] =>
      units(1000).map((_, i) => 1_700_000_000 + 86_400 * (i % 5) + 3600 * hours);
    expect(says(pair('x', days(0), days(5)))).toBe('nothing');
  });

  it('is certain for a large factor where other decimals were written', () => {
    const grams = Array.from({ length: 1000 }, (_, i) => 1003 + 97 * i);
    const kilograms = (decimals: number) => grams.map((value) => roundTo(decimals)(value / 1000));
    expect(says(pair('weight', grams, kilograms(2)))).toBe('error');
  });
});

describe('what a repair may leave', () => {
  it('is half of the drift where the grid has moved with the values', () => {
    const wholes = Array.from({ length: 1000 }, (_, i) => 100 + (i % 100));
    const higher = (by: number) =>
      says(
        pair(
          'distance',
          wholes,
          wholes.map((value) => MILE * (value + by)),
        ),
      );
    expect(higher(45)).toBe('error');
    expect(higher(55)).toBe('nothing');
  });

  it('is three tenths of the drift for a large factor', () => {
    // ln 2 = 0.693 wide: 0.2 leave 0.289 of it, 0.22 leave 0.317
    const grown = (by: number) =>
      testRepairs(pair('x', spread(Math.LN2), times(1000 * Math.exp(by), spread(Math.LN2))));
    expect(grown(0.2)).toMatchObject({ severity: 'unclear', repair: 'divide by 1000' });
    expect(grown(0.22)?.repair).not.toBe('divide by 1000');
  });

  it('is a hundredth beside the interval of a small factor', () => {
    // half of the interval: 2.58 · √(1.06 · 1.02² · 2 / 1,000) = 0.121
    const off = (name: string, factor: number) => (by: number) =>
      says(pair(name, spread(3), times(factor * Math.exp(by), spread(3))));
    expect([0, 0.12, 0.145].map(off('distance', 1 / 2.54))).toEqual(['unclear', 'unclear', 'nothing']);
    expect([0, -0.12, -0.145].map(off('duration', 7))).toEqual(['unclear', 'unclear', 'nothing']);
  });

  it('is 3 % beside the interval of a large factor', () => {
    const off = (by: number) => says(pair('x', spread(3), times(1000 * Math.exp(by), spread(3))));
    expect([-0.165, -0.135, 0.135, 0.165].map(off)).toEqual(['unclear', 'error', 'error', 'unclear']);
  });

  it('is a drift of 0.35 beside the interval of a large factor', () => {
    // a repair of a part of the rows has no such interval
    const isWhole = (by: number) =>
      testRepairs(pair('x', spread(3), times(1000 * Math.exp(by), spread(3))))?.evidence.grown !== undefined;
    expect([-0.49, -0.45, 0.45, 0.49].map(isWhole)).toEqual([false, true, true, false]);
  });

  it('is an interval of at most ±17 % for a large factor, from a hundred rows', () => {
    // 2 · 2.58 · √(1.06 · (0.34 · width)² · 2 / 1,000) = 0.35 at a width of 4.33
    const of = (width: number) => says(pair('x', spread(width), times(1000, spread(width))));
    expect(of(4.2)).toBe('error');
    const few = (was: number, is: number) => says(pair('x', spread(1, was), times(1000, spread(1, is))));
    expect([few(100, 100), few(99, 100), few(100, 99)]).toEqual(['error', 'unclear', 'unclear']);
    expect(of(4.5)).toBe('unclear');
  });

  it('is a tenth of the values that have no logarithm', () => {
    const logs = units(1000).map((u) => 1 + 2 * u);
    const judge = (zeros: number) => {
      const is = logs.map(Math.exp).map((value, i) => ((i * 7) % 1000 < zeros ? -1 : value));
      return testRepairs(pair('x', logs, is))?.repair;
    };
    expect(judge(100)).toBe('take the logarithm');
    expect(judge(101)).toBeUndefined();
  });

  it('is three tenths of the drift where the sign was flipped', () => {
    const was = units(1000).map((u) => 100 + 100 * u);
    const lower = (by: number) =>
      says(
        pair(
          'x',
          was,
          was.map((value) => -value - by),
        ),
      );
    expect(lower(29)).toBe('error');
    expect(lower(31)).toBe('nothing');
  });
});

describe('a flipped sign', () => {
  const was = (from: number): number[] => units(1000).map((u) => from + 100 * u);
  const flipped = (from: number): number[] => was(from).map((value) => 0 - value);

  it('is certain where the column never had negative values and has no positive ones now', () => {
    expect(says(pair('x', was(0), flipped(0)))).toBe('error');
    expect(says(pair('x', was(-1), flipped(-1)))).toBe('unclear');
    expect(says(pair('x', was(0), [...flipped(0), 1]))).toBe('unclear');
  });
});

describe('logarithms written with other decimals', () => {
  /** So many with two decimals and so many with three, each in five rows. */
  const logs = (two: number, three: number): number[] =>
    [
      ...Array.from({ length: two }, (_, i) => roundTo(2)(2 + i / 100)),
      ...Array.from({ length: three }, (_, i) => roundTo(3)(2.005 + i / 100)),
    ].flatMap((value) => [value, value, value, value, value]);
  const judge = (two: number, three: number) =>
    says(pair('x', logs(two, three).map(Math.exp).map(roundTo(2)), logs(two, three)));

  it('are certain if most values lie off the grid of before', () => {
    expect(judge(99, 101)).toBe('error');
    expect(judge(101, 99)).toBe('unclear');
  });
});

describe('the sentence about a factor', () => {
  it('has the factor with its interval', () => {
    const found = testRepairs(pair('distance', spread(3), times(MILE, spread(3))));
    // half of the interval: 2.58 · √(1.06 · 2 / 1,000) times half of the middle 68 %, here of ranks 159 and 839
    const half = 2.58 * Math.sqrt((1.06 * 2) / 1000) * ((3 * (839 - 159)) / 1000 / 2);
    const [lower, upper] = [MILE * Math.exp(-half), MILE * Math.exp(half)];
    const grown = (found?.evidence.grown ?? []) as readonly number[];
    expect(grown[0]).toBeCloseTo(lower, 5);
    expect(grown[1]).toBeCloseTo(MILE, 5);
    expect(grown[2]).toBeCloseTo(upper, 5);
    expect(found?.readings?.[1]?.text).toBe(
      `the values are 1.61 times as large (between ${lower.toPrecision(3)} and ${upper.toPrecision(3)}): growth, a price or a tariff`,
    );
  });
});
