import { expect, it } from 'vitest';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { testStrangers } from '../../../../src/data/judge/repairs/part-repair.js';
import { testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import { column, pair, roundTo } from '../profiles.js';

/** Evenly from 0 to 1, in mixed order. */
const units = (count: number): number[] => Array.from({ length: count }, (_, i) => (i * 0.7548776662466927) % 1);
const even = (count = 300): number[] => units(count).map((u) => 100 + 100 * u);
const wide = (times: number, count = 300): number[] => units(count).map((u) => times ** u);
const some = (count: number, values: readonly number[], change: (value: number) => number): number[] =>
  values.map((value, i) => (i < count ? change(value) : value));
const by = (factor: number) => (value: number) => factor * value;
const all = (factor: number, values: readonly number[]): number[] => values.map(by(factor));

const told = (found: ReturnType<typeof testRepairs>): string =>
  found === undefined ? 'nothing' : `${found.severity} ${found.repair}`;
const says = (one: ColumnPast): string => told(testRepairs(one));
const stranger = (one: ColumnPast): string => told(testStrangers(one));
const MILES = 'divide by 1.609344 (kilometres to miles)';
const INCHES = 'multiply by 2.54 (inches to centimetres)';

const codes = (count: number, factor = 1): number[] => units(200).map((_, i) => ((i % count) + 1) * factor);
it.each([
  [8, 8, `error ${MILES}`],
  [8, 7, 'nothing'],
  [7, 8, 'nothing'],
])('eight different values in both windows: %i and %i', (was, is, expected) => {
  expect(says(pair('distance', codes(was), codes(is, 1.609344)))).toBe(expected);
});

it.each([
  [7, 'divide by 7 (days to weeks)'],
  [8, 'divide by 8 (bits to bytes)'],
])('a factor of %f, which a wide column could confuse: %s', (factor, repair) => {
  expect(says(pair('x', wide(20), all(factor, wide(20))))).toBe(`unclear ${repair}`);
  expect(stranger(pair('x', wide(20), some(90, wide(20), by(factor))))).toBe(`unclear ${repair}`);
});

it.each([
  [20, 'unclear take the logarithm'],
  [21, 'nothing'],
])('%i of two hundred values without a logarithm', (count, expected) => {
  const logs = units(200).map((u) => 1 + 2 * u);
  expect(
    says(
      pair(
        'x',
        logs,
        some(count, logs.map(Math.exp), () => -1),
      ),
    ),
  ).toBe(expected);
});

it.each([
  // distances of 0.8 and 0.87
  [380, `error ${MILES}`],
  [450, 'nothing'],
])('whole miles that are %i higher as well', (higher, expected) => {
  const wholes = Array.from({ length: 250 }, (_, i) => 100 + 4 * i);
  expect(
    says(
      pair(
        'distance',
        wholes,
        wholes.map((value) => 1.609344 * (value + higher)),
      ),
    ),
  ).toBe(expected);
});

it.each([
  [5, 'error move by -5 h'],
  [1, 'unclear move by -1 h'],
])('moments that are %i hours later', (hours, expected) => {
  const at = (late: number): number[] => units(200).map((u) => 1_700_000_000 + Math.round(10_000 * u) + 3600 * late);
  expect(says(pair('x', at(0), at(hours)))).toBe(expected);
});

it('grams as kilograms with two decimals are certain, with so few rows too', () => {
  const grams = Array.from({ length: 60 }, (_, i) => 1003 + 97 * i);
  const kilograms = grams.map((value) => roundTo(2)(value / 1000));
  expect(says(pair('weight', grams, kilograms))).toMatch(/^error multiply by 1000/);
});

it('a sign is not certainly flipped where the column had negative values', () => {
  const from = (low: number): number[] => units(200).map((u) => low + 100 * u);
  expect(says(pair('x', from(0), all(-1, from(0))))).toBe('error change the sign');
  expect(says(pair('x', from(-1), all(-1, from(0))))).toBe('unclear change the sign');
});

it.each([
  ['x', 'unclear'],
  ['tenure', 'error'],
])('dozens of %s', (name, severity) => {
  const wholes = units(200).map((u) => 10 + Math.floor(50 * u));
  expect(says(pair(name, wholes, all(12, wholes)))).toBe(`${severity} divide by 12 (months to years)`);
  expect(says(pair(name, wholes, some(60, wholes, by(12))))).toBe(`${severity} divide by 12 (months to years)`);
});

it('a part in degrees Fahrenheit', () => {
  const celsius = units(300).map((u) => 40 * u);
  const is = some(90, celsius, (value) => 1.8 * value + 32);
  expect(stranger(pair('temperature', celsius, is))).toBe('unclear from °F to °C');
});

it('a part with its sign flipped', () => {
  expect(says(pair('x', even(), some(90, even(), by(-1))))).toBe('unclear change the sign');
});

it('logarithms in a part are not searched for', () => {
  const was = units(300).map((u) => 1 + 2 * u);
  expect(says(pair('x', was, some(120, was, Math.exp)))).not.toMatch('logarithm');
});

it('a part that rose and kept its cents', () => {
  const cents = even().map(roundTo(2));
  const others = units(150).map((u) => roundTo(2)(160.9344 * (1 + ((7 * u) % 1))));
  const rose = cents.map((value, i) => others[i] ?? value);
  expect(says(pair('x', cents, rose))).toBe('nothing');
  // kilometres may have been measured in these rows, and not converted
  expect(says(pair('distance', cents, rose))).toBe(`unclear ${MILES}`);
  // in miles, each of these digits would be another
  expect(says(pair('distance', even(), some(150, even(), by(1.609344))))).toBe(`unclear ${MILES}`);
});

it('a part in a range that earlier windows had', () => {
  const past = [column('height', [1, 1000])];
  expect(says(pair('height', even(), some(100, even(), by(1 / 2.54)), { past }))).toBe(`unclear ${INCHES}`);
});

it.each([
  ['the right values', (was: readonly number[]) => was, 'error'],
  ['the delivered ones', (_: readonly number[], is: readonly number[]) => is, 'nothing'],
])('a part beside a column that goes with %s', (_, third, expected) => {
  const was = even();
  const is = some(100, was, by(1 / 2.54));
  const rows = {
    reference: new Map([
      ['height', was],
      ['y', was],
    ]),
    current: new Map([
      ['height', is],
      ['y', third(was, is)],
    ]),
  };
  expect(says(pair('height', was, is, { rows }))).toMatch(expected);
  expect(stranger(pair('height', was, is, { rows }))).toMatch(expected);
});

it.each([
  [0, `unclear ${INCHES}`],
  [0.1, 'nothing'],
  [-0.1, 'nothing'],
])('half of the rows in inches times exp(%f)', (off, expected) => {
  expect(says(pair('height', even(200), some(100, even(200), by(Math.exp(off) / 2.54))))).toBe(expected);
});

it('half of the rows in inches, where many lengths are possible', () => {
  expect(says(pair('height', wide(20, 200), some(100, wide(20, 200), by(1 / 2.54))))).toBe('nothing');
});

it.each([
  // half of the interval: 2.58 · √(1.06 · 0.23² · (1 / 300 + 1 / 90)) = 0.074
  [-0.09, 'error'],
  [0, 'error'],
  [0.09, 'error'],
])('a thousandfold part times exp(%f)', (off, severity) => {
  expect(says(pair('x', even(), some(90, even(), by(1000 * Math.exp(off)))))).toBe(`${severity} divide by 1000`);
});

const list = Array.from({ length: 12 }, (_, i) => 100 * 2 ** (i / 11));
const listed = (change: (value: number, i: number) => number = (value) => value): number[] =>
  Array.from({ length: 360 }, (_, i) => change(list[(i * 7) % 12] ?? 0, i));
it.each([
  [1e6, 'error divide by 1000000'],
  [1.609344, `unclear ${MILES}`],
])('rows of new goods beside others times %f', (factor, expected) => {
  // a tenth of the rows have values between those of the list, which no repair explains
  const is = listed((value, i) => (i % 10 === 0 ? 1.01 * value : i % 10 < 3 ? factor * value : value));
  expect(stranger(pair('distance', listed(), is))).toMatch(expected);
});

it.each([
  [20, 20, 'unclear divide by 10'],
  [19, 19, 'nothing'],
  [20, 24, 'unclear divide by 10'],
  [20, 25, 'nothing'],
])('%i of a thousand values that leave the range tenfold, and %i that have', (was, is, expected) => {
  const values = (count: number, factor: number) =>
    units(1000).map((u, i) => (i < count ? factor * (500 + 500 * u) : 1 + 8 * u));
  expect(stranger(pair('x', values(was, 1), values(is, 10), { isFirstLook: true }))).toBe(expected);
});

it('strangers within the range are not selected by it', () => {
  const wholes = units(300).map((u) => 1 + Math.floor(1000 * u));
  expect(testStrangers(pair('distance', wholes, some(90, wholes, by(1.609344))))?.selects).toBeUndefined();
  expect(testStrangers(pair('x', even(), some(90, even(), by(1000))))?.selects).toMatchObject({ kind: 'outside' });
  expect(testStrangers(pair('x', even(), some(90, even(), by(0.001))))?.selects).toMatchObject({ kind: 'outside' });
  expect(testStrangers(pair('x', even(), all(1000, even())))?.selects).toEqual({ kind: 'present', column: 'x' });
});
