import { expect, it } from 'vitest';
import { testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import { normals, pair, roundTo } from '../profiles.js';

const N = 2000;
const prices = (seed: number): number[] => normals(seed, N, (z) => roundTo(2)(24 * Math.exp(0.7 * z)));
/** Prices that have fallen to about this, to so many decimals. */
const fallen = (center: number, spread: number, decimals: number): number[] =>
  normals(2, N, (z) => roundTo(decimals)(Math.max(0.1, center + spread * z)));
const says = (is: readonly number[]): string => {
  const found = testRepairs(pair('price', prices(1), is));
  return found === undefined ? 'nothing' : `${found.severity} ${found.repair}`;
};

it.each([
  ['natural ones', Math.log, 'take exp()'],
  ['of one more', Math.log1p, 'take exp() − 1'],
  ['base 10', Math.log10, 'take 10 to its power'],
])('are a fault where they lie on the logarithms of whole cents: %s', (_, log, repair) => {
  expect(says(prices(2).map(log))).toBe(`error ${repair}`);
  expect(says(prices(2).map((price) => roundTo(4)(log(price))))).toBe(`error ${repair}`);
});

it.each([
  [3, 0.5, 1],
  [3.5, 0.5, 1],
  [2.8, 0.9, 1],
  [3.2, 0.3, 1],
  [3.2, 0.7, 9],
])('are none where prices fell to about %f ± %f, written with %i decimals', (center, spread, decimals) => {
  expect(says(fallen(center, spread, decimals))).toBe('nothing');
});

it('may be some where only the shape says so', () => {
  expect(says(fallen(3.2, 0.7, 1))).toBe('unclear take exp()');
});
