import { describe, expect, it } from 'vitest';
import { isPack, passing } from '../../../../src/data/judge/compared.js';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { hasNewFractions, testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import type { Repair } from '../../../../src/data/judge/repairs/repairs.js';
import type { RowEvidence } from '../../../../src/data/judge/row-evidence.js';
import { column, normals, pair, roundTo } from '../profiles.js';

const lognormal = (seed: number, count: number, make: (value: number) => number, sigma = 0.7): number[] =>
  normals(seed, count, (z) => make(24 * Math.exp(sigma * z)));

/** A fault: severity error; a third verdict: unclear. */
const says = (one: ColumnPast): string => testRepairs(one)?.severity ?? 'nothing';

describe('what all rows of a column say', () => {
  const cents = roundTo(2);
  it.each([
    [
      'grams in kilograms',
      'weight',
      lognormal(1, 2000, Math.round),
      lognormal(2, 2000, (x) => Math.round(x) / 1000),
      'error',
    ],
    [
      'cents that were lost',
      'price',
      lognormal(1, 2000, cents),
      lognormal(2, 2000, (x) => Math.round(cents(x) * 100)),
      'error',
    ],
    [
      'kilometres in miles',
      'x',
      lognormal(1, 2000, Math.round),
      lognormal(2, 2000, (x) => Math.round(x) * 1.609344),
      'error',
    ],
    [
      'a thousand times as much, continuous',
      'x',
      lognormal(1, 2000, (x) => x),
      lognormal(2, 2000, (x) => 1000 * x),
      'error',
    ],
    ['the same of few rows', 'x', lognormal(1, 90, (x) => x), lognormal(2, 90, (x) => 1000 * x), 'unclear'],
    [
      'kilometres in miles, continuous',
      'x',
      lognormal(1, 2000, (x) => x),
      lognormal(2, 2000, (x) => 1.609344 * x),
      'unclear',
    ],
    ['inches', 'height', lognormal(1, 2000, roundTo(1)), lognormal(2, 2000, (x) => roundTo(1)(x / 2.54)), 'unclear'],
    ['prices that doubled', 'price', lognormal(1, 2000, cents), lognormal(2, 2000, (x) => cents(2 * x)), 'nothing'],
    [
      'prices that rose by 60 %',
      'price',
      lognormal(1, 2000, cents),
      lognormal(2, 2000, (x) => cents(1.609344 * x)),
      'nothing',
    ],
    [
      'growth by 300',
      'users',
      lognormal(1, 2000, Math.round),
      lognormal(2, 2000, (x) => Math.round(300 * x)),
      'nothing',
    ],
    ['dozens', 'quantity', lognormal(1, 2000, Math.ceil), lognormal(2, 2000, (x) => 12 * Math.ceil(x)), 'nothing'],
    ['tens', 'quantity', lognormal(1, 2000, Math.ceil), lognormal(2, 2000, (x) => 10 * Math.ceil(x)), 'unclear'],
    [
      'months for years, by name',
      'tenure',
      lognormal(1, 2000, Math.ceil),
      lognormal(2, 2000, (x) => 12 * Math.ceil(x)),
      'error',
    ],
    [
      'a logarithm too many',
      'price',
      lognormal(1, 2000, cents),
      lognormal(2, 2000, (x) => Math.log(cents(x))),
      'error',
    ],
    ['the same, continuous', 'x', lognormal(1, 2000, (x) => x), lognormal(2, 2000, (x) => Math.log(x)), 'unclear'],
    [
      'the logarithm left out, continuous',
      'x',
      lognormal(1, 2000, (x) => Math.log(x)),
      lognormal(2, 2000, (x) => x),
      'unclear',
    ],
    ['another level', 'x', lognormal(1, 2000, (x) => x), lognormal(2, 2000, (x) => x + 20), 'nothing'],
    ['a wider spread', 'x', lognormal(1, 2000, (x) => x), lognormal(2, 2000, (x) => 100 * x, 1.5), 'unclear'],
    ['a small move', 'x', lognormal(1, 2000, (x) => x), lognormal(2, 2000, (x) => 1.05 * x), 'nothing'],
  ])('%s: %s', (_, name, was, is, expected) => {
    expect(says(pair(name, was, is))).toBe(expected);
  });

  it('names the repair, the factor and its interval', () => {
    const found = testRepairs(
      pair(
        'x',
        lognormal(1, 2000, (x) => x),
        lognormal(2, 2000, (x) => 1000 * x),
      ),
    );
    expect(found).toMatchObject({ code: 'scaled', repair: 'divide by 1000', rows: 2000, selects: { kind: 'present' } });
    const [lower, factor, upper] = (found?.evidence.grown ?? []) as readonly number[];
    expect(lower).toBeLessThan(1000);
    expect(upper).toBeGreaterThan(1000);
    expect(factor).toBeGreaterThan(lower ?? 0);
    expect(found?.evidence.factor).toBe(0.001);
  });

  it('gives both readings where it is unclear', () => {
    const found = testRepairs(
      pair(
        'x',
        lognormal(1, 2000, (x) => x),
        lognormal(2, 2000, (x) => 1.609344 * x),
      ),
    );
    expect(found?.readings?.map((one) => one.as)).toEqual(['bug', 'normal']);
    expect(found?.readings?.[0]?.text).toContain('divide by 1.609344');
    expect(found?.readings?.[1]?.text).toMatch(/1\.\d+ times as large/);
  });

  it('gives no finding within the variation of earlier windows', () => {
    const was = lognormal(1, 2000, (x) => x);
    const is = lognormal(2, 2000, (x) => 1.609344 * x);
    const past = [3, 4, 5].map((seed) =>
      column(
        'x',
        lognormal(seed, 2000, (x) => 1.7 * x),
      ),
    );
    expect(says(pair('x', was, is, { past }))).toBe('nothing');
    expect(says(pair('x', was, is, { past: past.slice(1) }))).toBe('unclear');
  });

  it('compares the other values where many are zero', () => {
    const zeros = (values: number[]): number[] => values.map((value, i) => (i % 2 === 0 ? 0 : value));
    const was = zeros(lognormal(1, 2000, Math.ceil));
    expect(says(pair('rainfall', was, zeros(lognormal(2, 2000, (x) => Math.ceil(x) * 25.4))))).toBe('error');
  });

  it('needs eight different values, except for a large factor', () => {
    const few = (factor: number): number[] => normals(1, 500, (_, i) => ((i % 5) + 1) * factor);
    expect(says(pair('x', few(1), few(1.609344)))).toBe('nothing');
    expect(says(pair('x', few(1), few(1000)))).not.toBe('nothing');
  });

  it('recognises moments that were moved by hours', () => {
    const at = (seed: number, hours: number): number[] =>
      normals(seed, 1000, (z, i) => 1_700_000_000 + 15 * i + Math.round(z) + 3600 * hours);
    expect(testRepairs(pair('x', at(1, 0), at(2, 5)))).toMatchObject({ code: 'shifted', severity: 'error' });
    expect(testRepairs(pair('x', at(1, 0), at(2, 1)))).toMatchObject({ code: 'shifted', severity: 'unclear' });
  });
});

describe('signs', () => {
  const flow = (seed: number, sign: number): number[] => normals(seed, 2000, (z) => sign * (150 + 120 * z));

  it('is a fault where the column was never negative', () => {
    expect(
      says(
        pair(
          'x',
          lognormal(1, 2000, (x) => x),
          lognormal(2, 2000, (x) => -x),
        ),
      ),
    ).toBe('error');
  });

  it('is unclear where it had negative values, and no finding where the mirror does not fit', () => {
    expect(testRepairs(pair('flow', flow(1, 1), flow(2, -1)))).toMatchObject({
      code: 'sign-flipped',
      severity: 'unclear',
    });
    expect(
      says(
        pair(
          'flow',
          flow(1, 1),
          normals(2, 2000, (z) => -250 + 120 * z),
        ),
      ),
    ).toBe('nothing');
  });

  it('is settled by the relation to other columns', () => {
    const [before, now] = [flow(1, 1), flow(2, -1)];
    const rows = (sign: number): RowEvidence => ({
      reference: new Map([
        ['flow', before],
        ['orders', before.map((value, i) => value + 60 * ((i * 7) % 11))],
      ]),
      current: new Map([
        ['flow', now],
        ['orders', now.map((value, i) => sign * value + 60 * ((i * 7) % 11))],
      ]),
    });
    expect(says(pair('flow', before, now, { rows: rows(-1) }))).toBe('error');
    expect(says(pair('flow', before, now, { rows: rows(1) }))).toBe('nothing');
  });
});

it('recognises whole numbers that became fractions', () => {
  const fractions = pair('x', [1, 2, 3], [1.5, 2, 3]);
  expect(hasNewFractions(fractions)).toBe(true);
  expect(hasNewFractions(pair('x', [1, 2.5, 3], [1.5, 2, 3]))).toBe(false);
  expect(hasNewFractions({ ...fractions, past: [column('x', [0.5])] })).toBe(false);
  expect(hasNewFractions(pair('x', [1, 2, 3], [1, 2, 4]))).toBe(false);
});

describe('the distance that a repaired column may keep', () => {
  const with_ = (sampling: number, usual: number) =>
    passing({ reference: [], current: [], rows: { reference: 0, current: 0 }, distance: 0.5, sampling, usual });

  it('is what sampling or earlier windows excuse, up to three tenths of it, and a twentieth always', () => {
    expect(with_(0, 0)).toBeCloseTo(0.025, 12);
    expect(with_(0.1, 0)).toBeCloseTo(0.1, 12);
    expect(with_(0.2, 0)).toBeCloseTo(0.15, 12);
    expect(with_(0, 0.1)).toBeCloseTo(0.1, 12);
    expect(with_(0, 0.2)).toBeCloseTo(0.15, 12);
    expect(with_(0.05, 0.12)).toBeCloseTo(0.12, 12);
  });
});

describe('a pack of several', () => {
  const by = (
    factor: number | undefined,
    { name = 'orders', dimension = undefined as Repair['dimension'], was = [1, 2, 3] } = {},
  ) =>
    isPack(
      { name: 'r', cause: 'c', code: 'scaled', apply: (x) => x, undo: (x) => x, factor, dimension, isLarge: false },
      { before: column(name, was), now: column(name, [1, 2, 3]), past: [] },
    );

  it.each([
    [1 / 12, true],
    [1 / 49, true],
    [1 / 50, false],
    [0.3, false],
    [12, false],
    [-1 / 12, false],
    [0, false],
    [undefined, false],
  ])('divided by %f: %s', (factor, isOne) => {
    expect(by(factor)).toBe(isOne);
  });

  it('has whole numbers, unless it may be a period of billing', () => {
    const was = [1.5, 2, 3];
    expect(by(1 / 10, { was })).toBe(false);
    expect(by(1 / 8, { was, dimension: 'data' })).toBe(false);
    expect(by(1 / 12, { was, dimension: 'time' })).toBe(true);
    expect(by(1 / 12, { was, dimension: 'time', name: 'age_months' })).toBe(false);
  });

  it('is none if the column is named after the unit', () => {
    expect(by(1 / 12, { dimension: 'length' })).toBe(true);
    expect(by(1 / 12, { dimension: 'length', name: 'length_in' })).toBe(false);
  });
});
