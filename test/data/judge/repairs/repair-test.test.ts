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
    const rows = (sign: number, name = 'x'): RowEvidence => ({
      reference: new Map([
        [name, before],
        ['orders', before.map((value, i) => value + 60 * ((i * 7) % 11))],
      ]),
      current: new Map([
        [name, now],
        ['orders', now.map((value, i) => sign * value + 60 * ((i * 7) % 11))],
      ]),
    });
    expect(says(pair('x', before, now, { rows: rows(-1) }))).toBe('error');
    expect(says(pair('x', before, now, { rows: rows(1) }))).toBe('nothing');
    // a profit that becomes a loss turns its relations as well
    expect(says(pair('profit', before, now, { rows: rows(-1, 'profit') }))).toBe('unclear');
    expect(says(pair('profit', before, now, { rows: rows(1, 'profit') }))).toBe('nothing');
  });

  it('are unclear where a temperature mirrors another season', () => {
    const autumn = normals(1, 2000, (z) => 12 + 2 * z);
    const winter = normals(2, 2000, (z) => -12 + 2 * z);
    expect(says(pair('temperature', autumn, winter))).toBe('unclear');
    expect(says(pair('weight', autumn, winter))).toBe('error');
  });

  it('are shares of the opposite, where a column of shares is turned round', () => {
    const shares = (seed: number) => normals(seed, 2000, (z) => 1 / (1 + Math.exp(2 - z)));
    const opposite = shares(2).map((value) => 1 - value);
    expect(testRepairs(pair('ratio', shares(1), opposite))).toMatchObject({
      severity: 'unclear',
      repair: 'subtract from 1',
    });
    const percents = (values: readonly number[]) => values.map((value) => 100 * value);
    expect(testRepairs(pair('ratio', percents(shares(1)), percents(opposite)))?.repair).toBe('subtract from 100');
    expect(says(pair('price', shares(1), opposite))).toBe('nothing');
  });
});

it('recognises whole numbers that became fractions', () => {
  const fractions = pair('x', [1, 2, 3], [1.5, 2, 3]);
  expect(hasNewFractions(fractions)).toBe(true);
  expect(hasNewFractions(pair('x', [1, 2.5, 3], [1.5, 2, 3]))).toBe(false);
  expect(hasNewFractions({ ...fractions, past: [column('x', [0.5])] })).toBe(false);
  expect(hasNewFractions(pair('x', [1, 2, 3], [1, 2, 4]))).toBe(false);
  // a column of a wider type that holds whole numbers, and fractions that are read as whole numbers
  expect(hasNewFractions({ ...fractions, now: column('x', [1, 2, 4], 'number') })).toBe(false);
  expect(hasNewFractions({ ...fractions, now: column('x', [1.5, 2, 4], 'integer') })).toBe(false);
  expect(hasNewFractions({ ...fractions, now: column('x', ['a']) })).toBe(false);
});

describe('the limits of a repair of all rows', () => {
  const smooth = (seed: number, count: number, factor = 1, sigma = 0.7): number[] =>
    lognormal(seed, count, (x) => factor * x, sigma);

  it('are eight different values for a small factor', () => {
    const codes = (count: number, factor = 1): number[] => smooth(1, 800).map((_, i) => ((i % count) + 1) * factor);
    expect(says(pair('x', codes(8), codes(8, 1.609344)))).toBe('error');
    expect(says(pair('x', codes(8), codes(7, 1.609344)))).toBe('nothing');
    expect(says(pair('x', codes(7), codes(8, 1.609344)))).toBe('nothing');
  });

  it('are a hundred rows in either window, and a fit to ±17 %, for a large factor', () => {
    const of = (was: number, is: number, sigma = 0.3) =>
      says(pair('x', smooth(1, was, 1, sigma), smooth(2, is, 1000, sigma)));
    expect(of(120, 120)).toBe('error');
    expect(of(99, 120)).toBe('unclear');
    expect(of(120, 99)).toBe('unclear');
    expect(of(120, 120, 0.7)).toBe('unclear');
  });

  it('are a drift of three tenths beside a large factor', () => {
    expect(says(pair('weight', smooth(1, 2000), smooth(2, 2000, 1300)))).toBe('unclear');
    expect(says(pair('weight', smooth(1, 2000), smooth(2, 2000, 2500)))).toBe('nothing');
  });

  it('say nothing of a factor where the digits have stayed those of before', () => {
    const miles = lognormal(1, 2000, roundTo(1));
    expect(says(pair('distance', smooth(1, 2000), smooth(2, 2000, 1.609344)))).toBe('unclear');
    const grown = lognormal(2, 2000, (x) => roundTo(1)(1.609344 * x));
    expect(says(pair('x', miles, grown))).toBe('nothing');
    // unless the name has that unit: it may have been measured in it
    expect(says(pair('distance', miles, grown))).toBe('unclear');
  });

  it('leave a dozen of whole numbers unclear, which may be a pack', () => {
    const counts = (seed: number, factor: number): number[] => lognormal(seed, 2000, (x) => factor * Math.round(x));
    expect(says(pair('x', counts(1, 1), counts(2, 12)))).toBe('unclear');
    expect(says(pair('duration', counts(1, 1), counts(2, 12)))).toBe('error');
  });

  it('compare the values beside many zeros, which no factor moves', () => {
    const withZeros = (seed: number, factor: number, share = 0.94): number[] =>
      smooth(seed, 4000, factor).map((value, i) => ((i * 0.618034) % 1 < share ? 0 : value));
    expect(testRepairs(pair('x', withZeros(1, 1), withZeros(2, 1000)))).toMatchObject({
      code: 'scaled',
      repair: 'divide by 1000',
    });
    // where the zeros have gone, the column has become another
    expect(says(pair('x', withZeros(1, 1), smooth(2, 4000, 1000)))).toBe('nothing');
    expect(says(pair('x', smooth(1, 4000), withZeros(2, 1000)))).toBe('nothing');
  });

  it('are numbers in both windows', () => {
    expect(says(pair('x', ['a', 'b'], smooth(1, 100)))).toBe('nothing');
    expect(says(pair('x', smooth(1, 100), ['a', 'b']))).toBe('nothing');
    expect(says(pair('x', [0, 0, 0], [0, 0, 0]))).toBe('nothing');
  });
});

describe('what a repair of all rows says', () => {
  it('is how far the drift falls, and by what the column has grown', () => {
    const was = normals(1, 2000, (_, i) => 100 + i);
    expect(
      testRepairs(
        pair(
          'x',
          was,
          was.map((value) => 1e5 * value),
        ),
      ),
    ).toMatchObject({
      detail: expect.stringMatching(
        /^the drift \(KS 1\) falls to 0(\.000\d+)? when the values are repaired: divide by 100000$/,
      ),
      evidence: { distance: 1, factor: 1e-5 },
    });
  });

  it.each([
    [
      'growth',
      pair(
        'x',
        lognormal(1, 2000, (x) => x),
        lognormal(2, 2000, (x) => 1.609344 * x),
      ),
      /^the values are 1\.\d+ times as large \(between 1\.\d+ and 1\.\d+\): growth, a price or a tariff$/,
    ],
    [
      'a turn',
      pair(
        'x',
        normals(1, 2000, (z) => 150 + 120 * z),
        normals(2, 2000, (z) => -150 - 120 * z),
      ),
      /^what was received is now paid: the values have turned$/,
    ],
    [
      'a day that moved',
      pair(
        'x',
        normals(1, 1000, (_, i) => 1_700_000_000 + 15 * i),
        normals(2, 1000, (_, i) => 1_700_003_600 + 15 * i),
      ),
      /^the day itself has moved, as opening hours do$/,
    ],
    [
      'another level',
      pair(
        'x',
        normals(1, 2000, (z) => 5 + z),
        normals(2, 2000, (z) => Math.exp(5 + z)),
      ),
      /^the values have moved to another level$/,
    ],
  ])('has the other reading of %s', (_, one, reading) => {
    const found = testRepairs(one);
    expect(found?.severity).toBe('unclear');
    expect(found?.readings?.[1]?.text).toMatch(reading);
    expect(found?.evidence.grown === undefined).toBe(found?.evidence.factor === undefined);
  });
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
