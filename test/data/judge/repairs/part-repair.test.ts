import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { testStrangers } from '../../../../src/data/judge/repairs/part-repair.js';
import { testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import { findStrangers } from '../../../../src/data/judge/repairs/strangers.js';
import { column, normals, pair, roundTo, uniforms } from '../profiles.js';

const N = 4000;

/** A share of the rows changed, spread evenly. */
const some = (values: readonly number[], share: number, change: (value: number) => number): number[] =>
  values.map((value, i) => ((i * 0.618034) % 1 < share ? change(value) : value));

const prices = (seed: number): number[] => normals(seed, N, (z) => roundTo(2)(24 * Math.exp(0.7 * z)));
const grams = (seed: number): number[] => normals(seed, N, (z) => Math.round(430 * Math.exp(0.7 * z)));
const degrees = (seed: number): number[] => normals(seed, N, (z) => roundTo(1)(6 + 6 * z));
const smooth = (seed: number): number[] => normals(seed, N, (z) => 24 * Math.exp(0.7 * z));

describe('a fault in a part of the rows', () => {
  const tell = (one: ColumnPast) => {
    const found = testRepairs(one);
    return found?.severity === 'error' ? found : (testStrangers(one) ?? found);
  };

  it.each([
    ['cents', 'price', prices, (x: number) => Math.round(100 * x), 'divide by 100'],
    ['kilograms', 'weight', grams, (x: number) => x / 1000, 'multiply by 1000'],
    ['Fahrenheit', 'temperature', degrees, (x: number) => roundTo(1)(x * 1.8 + 32), 'from °F to °C'],
    ['a thousandfold, continuous', 'x', smooth, (x: number) => 1000 * x, 'divide by 1000'],
  ])('%s in 30 and in 5 %% of them', (_, name, make, change, repair) => {
    for (const share of [0.3, 0.05]) {
      const found = tell(pair(name, make(1), some(make(2), share, change)));
      expect(found).toMatchObject({ severity: 'error', repair });
      expect(Math.abs((found?.rows ?? 0) / N - share)).toBeLessThan(0.05);
      expect(found?.selects?.kind).toBe('outside');
    }
  });

  it.each([
    [
      'a line of goods five to nine times as dear',
      'price',
      prices,
      0.35,
      (x: number, u: number) => roundTo(2)(x * (5 + 4 * u)),
    ],
    ['half of the ways half as long', 'distance', prices, 0.5, (x: number) => roundTo(2)(x / 2)],
    ['some buy twenty times as much', 'quantity', grams, 0.02, (x: number, u: number) => Math.round(x * (15 + 10 * u))],
    ['some are much warmer', 'temperature', degrees, 0.3, (x: number, u: number) => roundTo(1)(x + 25 + 10 * u)],
  ])('%s: no fault', (_, name, make, share, change) => {
    let at = 0;
    const is = some(make(2), share, (x) => change(x, (at++ * 0.7548) % 1));
    expect(tell(pair(name, make(1), is))?.severity).not.toBe('error');
  });

  it('needs the other rows to be unchanged', () => {
    const is = some(smooth(2), 0.05, (x) => 1000 * x).map((x) => (x < 1000 ? 1.5 * x : x));
    expect(testStrangers(pair('x', smooth(1), is))?.severity).not.toBe('error');
  });

  it('is found for inches by the relation to another column', () => {
    const weights = (seed: number): number[] => normals(seed, N, (z) => 500 + 150 * z);
    const heights = (seed: number, of: readonly number[]): number[] => {
      const noise = normals(seed, N);
      return of.map((weight, i) => roundTo(1)(20 + 0.02 * weight + 1.5 * (noise[i] ?? 0)));
    };
    const [before, now] = [weights(1), weights(2)];
    const was = heights(3, before);
    const is = some(heights(4, now), 0.3, (x) => roundTo(1)(x / 2.54));
    const rows = {
      reference: new Map([
        ['height', was],
        ['weight', before],
      ]),
      current: new Map([
        ['height', is],
        ['weight', now],
      ]),
    };
    expect(testRepairs(pair('height', was, is))?.severity).toBe('unclear');
    expect(testRepairs(pair('height', was, is, { rows }))).toMatchObject({ severity: 'error', code: 'scaled' });
  });
});

describe('values that the column never had', () => {
  it('are those out of its range, off its grid, or none of its few values', () => {
    const tens = normals(1, 2000, (_, i) => 10 * (i % 30) + 3 * (i % 2));
    const found = findStrangers(
      pair('x', tens, [...tens, ...[1000, 5, 2.5].flatMap((value) => Array.from({ length: 8 }, () => value))]),
    );
    expect(found?.is(1000)).toBe(true);
    expect(found?.is(5)).toBe(true);
    expect(found?.is(2.5)).toBe(true);
    expect(found?.is(20)).toBe(false);
    expect(found?.rows).toBe(24);
  });

  it('are none where chance explains them', () => {
    const values = prices(1);
    expect(findStrangers(pair('x', values, [...values.slice(0, 500), 1e6]))).toBeUndefined();
    expect(findStrangers(pair('x', [0, 1, 0, 1], [5, 5, 5, 5, 5, 5]))).toBeUndefined();
  });

  it('are searched for beyond the range of earlier windows', () => {
    const is = some(prices(2), 0.05, (x) => Math.round(100 * x));
    expect(findStrangers(pair('x', prices(1), is))).toBeDefined();
    expect(findStrangers(pair('x', prices(1), is, { past: [column('x', is)] }))).toBeUndefined();
  });
});

describe('a column with many rare values', () => {
  const minutes = (z: number): number => Math.round(100 * Math.exp(0.6 * z));
  const was = normals(1, 4000, minutes);
  const hit = uniforms(3, 4000);
  const mixed = (share: number, change: (value: number) => number): number[] =>
    normals(2, 4000, (z, i) => ((hit[i] ?? 1) < share ? change(minutes(z)) : minutes(z)));

  it.each([0.1, 0.05, 0.03])('shows the fault of %s of the rows by values off its grid', (share) => {
    const now = mixed(share, (value) => roundTo(2)(value / 60));
    const column60 = { before: column('minutes', was), now: column('minutes', now), past: [] };
    expect(testStrangers(column60)).toMatchObject({ severity: 'error', code: 'scaled', evidence: { factor: 60 } });
  });

  it('has new values by chance, which are no fault', () => {
    const same = {
      before: column('minutes', was),
      now: column(
        'minutes',
        mixed(0, (x) => x),
      ),
      past: [],
    };
    expect(testStrangers(same)).toBeUndefined();
  });
});
