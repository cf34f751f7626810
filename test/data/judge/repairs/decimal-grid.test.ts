import { describe, expect, it } from 'vitest';
import { decimalStep, gridStep, gridVerdict, shareOnGrid } from '../../../../src/data/judge/repairs/decimal-grid.js';
import { normals, roundTo } from '../profiles.js';

const cents = normals(1, 500, (z) => roundTo(2)(Math.exp(3 + 0.7 * z)));
const tenths = normals(2, 500, (z) => roundTo(1)(6 + 6 * z));
const wholes = normals(3, 500, (z) => Math.round(Math.exp(6 + 0.5 * z)));

const large = wholes.map((value, i) => 100_000 * value + 7 * i);
const thousands = wholes.map((value, i) => 1000 * value + 7 * i);
const halfToEven = (value: number): number => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

const scaled = (factor: number) => ({
  back: (value: number) => value / factor,
  forth: (value: number) => value * factor,
});

describe('the step of values', () => {
  it.each([
    ['cents', cents, 0.01, 0.01],
    ['tenths', tenths, 0.1, 0.1],
    ['whole numbers', wholes, 1, 1],
    ['fives', wholes.map((value) => value * 5), 1, 5],
    ['quarters', wholes.map((value) => value / 4), 0.01, 0.25],
  ])('%s', (_, values, decimal, grid) => {
    expect(decimalStep(values)).toBeCloseTo(decimal, 9);
    expect(gridStep(values)).toBeCloseTo(grid, 9);
  });

  it('is undefined for continuous values, for huge ones, and for fewer than eight different ones', () => {
    expect(decimalStep(normals(4, 100))).toBeUndefined();
    expect(decimalStep(wholes.map((value) => value * 1e12))).toBeUndefined();
    expect(decimalStep([1, 2, 3, 4, 5, 6, 7])).toBeUndefined();
    expect(gridStep([1, 2, 3, 4, 5, 6, 7])).toBeUndefined();
    expect(decimalStep([1, 2, 3, 4, 5, 6, 7, 8])).toBe(1);
    // zero lies on every grid
    expect(decimalStep([0, 1, 2, 3, 4, 5, 6, 7])).toBeUndefined();
  });

  it('is found in spite of the rounding of doubles', () => {
    expect(decimalStep(cents.map((value) => value * 3))).toBeCloseTo(0.01, 9);
  });

  it('shows which values lie on it', () => {
    expect(shareOnGrid([1, 2, 2, 2.5, 3.5], 1)).toBe(0.5);
    expect(shareOnGrid([0], 7)).toBe(1);
    expect(shareOnGrid([0.3, 0.6, 0.9], 0.3)).toBe(1);
  });
});

describe('whether the grid has moved with the values', () => {
  it.each([
    ['cents that were lost', cents, cents.map((value) => Math.round(value * 100)), 100],
    ['kilometres in metres', tenths, tenths.map((value) => Math.round(value * 1000)), 1000],
    ['miles in kilometres, unrounded', wholes, wholes.map((value) => value * 1.609344), 1.609344],
    ['miles in kilometres, to whole ones', wholes, wholes.map((value) => Math.round(value * 1.609344)), 1.609344],
    ['the same, rounded down', wholes, wholes.map((value) => Math.floor(value * 1.609344)), 1.609344],
    ['the same, rounded up', wholes, wholes.map((value) => Math.ceil(value * 1.609344)), 1.609344],
    ['large ones, rounded down', large, large.map((value) => Math.floor(value * 1.609344)), 1.609344],
    ['large ones, rounded up', large, large.map((value) => Math.ceil(value / 0.45359237)), 1 / 0.45359237],
    ['centimetres in inches, unrounded', wholes, wholes.map((value) => value / 2.54), 1 / 2.54],
    ['the same, multiplied', thousands, thousands.map((value) => value * 0.3937007874015748), 1 / 2.54],
    ['halves, rounded to the even number', wholes, wholes.map((value) => halfToEven(2.5 * value)), 2.5],
    ['feet in metres, to centimetres', wholes, wholes.map((value) => roundTo(2)(value * 0.3048)), 0.3048],
  ])('%s: moved', (_, was, is, factor) => {
    expect(gridVerdict(was, is, scaled(factor))).toBe('moved');
  });

  it.each([
    ['prices that rose by 60 %', cents, normals(5, 500, (z) => roundTo(2)(1.6 * Math.exp(3 + 0.7 * z))), 1.609344],
    [
      'counts that grew by 2.2',
      wholes,
      normals(6, 500, (z) => Math.round(2.2 * Math.exp(6 + 0.5 * z))),
      1 / 0.45359237,
    ],
    ['a hundred times as much, in cents', cents, normals(7, 500, (z) => roundTo(2)(100 * Math.exp(3 + z))), 100],
  ])('%s: stayed', (_, was, is, factor) => {
    expect(gridVerdict(was, is, scaled(factor))).toBe('stayed');
  });

  it.each([
    ['a grid that gets finer says nothing', tenths, tenths.map((value) => roundTo(1)(value / 2.54)), 1 / 2.54],
    ['nor does a continuous column', normals(8, 500), normals(9, 500, (z) => 10 * z), 10],
    ['nor values that are whole since, whatever they have become', cents, wholes, 10],
    ['nor a handful of values', wholes, [100, 200, 300, 400, 500, 600, 700], 100],
    ['nor a few values that chance puts there', wholes, [2, 3, 5, 6, 8, 10, 11, 13], 1.609344],
  ])('%s', (_, was, is, factor) => {
    expect(gridVerdict(was, is, scaled(factor))).toBe('silent');
  });

  it('is known for degrees, too', () => {
    const map = { back: (value: number) => (value - 32) / 1.8, forth: (value: number) => value * 1.8 + 32 };
    expect(
      gridVerdict(
        tenths,
        tenths.map((value) => roundTo(1)(value * 1.8 + 32)),
        map,
      ),
    ).toBe('moved');
    expect(
      gridVerdict(
        tenths,
        normals(10, 500, (z) => roundTo(1)(43 + 11 * z)),
        map,
      ),
    ).toBe('stayed');
  });

  it('is not rounding that whole numbers lie one beside the even ones', () => {
    const fifths = wholes.map((value) => value / 5);
    expect(gridVerdict(fifths, wholes, scaled(10))).toBe('stayed');
    const [even, odd] = [wholes.map((value) => 2 * value), wholes.map((value) => 2 * value + 1)];
    expect(gridVerdict(fifths, even, scaled(10))).toBe('moved');
    expect(gridVerdict(fifths, odd, scaled(10))).toBe('stayed');
  });

  it('is silent for values that are coarser than the change would make them', () => {
    const fifths = wholes.map((value) => value / 5);
    const fives = wholes.map((value) => 5 * value);
    expect(gridVerdict(fifths, fives, scaled(10))).toBe('silent');
  });

  it('is silent if half of the values moved', () => {
    const mixed = cents.map((value, i) => (i % 10 === 0 ? value : Math.round(value * 100)));
    expect(gridVerdict(cents, mixed, scaled(100))).toBe('silent');
  });
});

describe('the limits of a grid', () => {
  it('is nine decimals, and ten million millions', () => {
    const by = (step: number) => [1, 2, 3, 4, 5, 6, 7, 8].map((value) => value * step);
    expect(decimalStep(by(0.123456789))).toBeCloseTo(1e-9, 15);
    expect(decimalStep(by(0.1234567891))).toBeUndefined();
    expect(decimalStep([...by(1), 1e13])).toBe(1);
    expect(decimalStep([...by(1), 1.1e13])).toBeUndefined();
    expect(decimalStep([...by(0.5), 9e12])).toBeUndefined();
  });

  const distinct = [...new Set(wholes)].slice(0, 100);
  const miles = distinct.map((value) => value * 1.609344);
  /** So many of a hundred values that lie between the places where the change puts them. */
  const withOthers = (count: number) => miles.map((value, i) => (i < count ? value + 0.804672 : value));

  it('is 95 values of a hundred for a grid that moved, and less than eighty for one that stayed', () => {
    expect(distinct).toHaveLength(100);
    const says = (others: number) => gridVerdict(wholes, withOthers(others), scaled(1.609344));
    expect([0, 5, 6, 20, 21].map(says)).toEqual(['moved', 'moved', 'silent', 'silent', 'stayed']);
  });

  it('is eight different values', () => {
    const says = (count: number) => gridVerdict(wholes, miles.slice(0, count), scaled(1.609344));
    expect([7, 8].map(says)).toEqual(['silent', 'moved']);
  });

  it('is chance, for a grid that stayed as for one that moved', () => {
    // of eight whole numbers, five are whole miles in kilometres however they were rounded; chance would give as many
    expect(gridVerdict(wholes, [1, 2, 3, 7, 11, 14, 15, 19], scaled(1.609344))).toBe('silent');
  });

  it('is that of the world where it rounds to the same steps', () => {
    // fives times 1.25 lie 6.25 apart: four of five such places are as near to a five as chance would have it
    const fives = wholes.map((value) => value * 5);
    const grown = normals(11, 500, (z) => 5 * Math.round(1.25 * Math.exp(6 + 0.5 * z)));
    expect(gridVerdict(fives, grown, scaled(1.25))).toBe('silent');
    expect(gridVerdict(fives, grown, scaled(12))).toBe('stayed');
  });

  it('is 95 of a hundred values on the old steps, for the world that keeps them', () => {
    const fives = wholes.map((value) => value * 5);
    /** So many multiples of five among a hundred, which lie between the places 31.25 apart. */
    const kept = (count: number) => Array.from({ length: 100 }, (_, i) => 35 + 5 * i + (i < count ? 0 : 1));
    expect([95, 94].map((count) => gridVerdict(fives, kept(count), scaled(1.25)))).toEqual(['silent', 'stayed']);
  });

  it('is a chance of three quarters', () => {
    const threes = Array.from({ length: 100 }, (_, i) => 3 * i);
    const map = { back: (value: number) => (value * 3) / 4, forth: (value: number) => (value * 4) / 3 };
    // threes where the change puts fours: chance has three of four
    expect(gridVerdict(threes, threes, map)).toBe('stayed');
    const fours = Array.from({ length: 100 }, (_, i) => 4 * i);
    expect(gridVerdict(fours, fours, scaled(1.25))).toBe('silent');
  });

  it('is three million to one, for the share of the values that fit', () => {
    // whole numbers 2.1 apart: 20 · ln 2.1 · 19/20 = 14.1 and 22 · ln 2.1 · 21/22 = 15.6; ln 3,000,000 = 14.9
    const butOne = (count: number) =>
      Array.from({ length: count }, (_, i) => Math.round(2.1 * (10 * i + 10)) + (i === 0 ? 1 : 0));
    const says = (count: number) => gridVerdict(wholes, butOne(count), scaled(2.1));
    expect([20, 22].map(says)).toEqual(['silent', 'moved']);
  });

  it('is a millionth of the step, for the same step', () => {
    // two of the ten thousandths that a hundredth of cents would be
    const twos = wholes.map((value) => value * 0.0002);
    expect(gridVerdict(cents, twos, scaled(0.01))).toBe('silent');
    expect(
      gridVerdict(
        cents,
        wholes.map((value) => value * 0.0001),
        scaled(0.01),
      ),
    ).toBe('moved');
  });

  it('is silent for degrees that are coarser than the change would make them', () => {
    const map = { back: (value: number) => (value - 32) / 1.8, forth: (value: number) => value * 1.8 + 32 };
    const celsius = Array.from({ length: 90 }, (_, i) => i - 37);
    const fives = Array.from({ length: 36 }, (_, i) => 5 * i - 40);
    expect(gridVerdict(celsius, fives, map)).toBe('silent');
  });

  it('counts only values that have a place', () => {
    const logs = { back: Math.exp, forth: Math.log };
    const list = (from: number, by: number, count: number) =>
      Array.from({ length: count }, (_, i) => roundTo(2)(from + by * i));
    // next to ln 1, the place below is −∞
    expect(gridVerdict(wholes, list(-0.5, 0.07, 12), logs)).toBe('silent');
    // the exponential of 800 has no place, those of 1.05 to 2.95 have others
    expect(gridVerdict(wholes, [...list(800, 1, 10), ...list(1.05, 0.05, 39)], logs)).toBe('stayed');
  });
});
