import { expect, it } from 'vitest';
import { allows, fitFactor, widthOf } from '../../../../src/data/judge/repairs/factor-fit.js';
import { normals } from '../profiles.js';

const prices = (seed: number, count: number, factor = 1): number[] =>
  normals(seed, count, (z) => factor * Math.exp(3 + 0.7 * z)).sort((a, b) => a - b);

const fitted = (count: number, factor: number, seed = 1) => {
  const found = fitFactor(prices(seed, count), prices(seed + 1, count, factor), { reference: count, current: count });
  if (found === undefined) throw new Error('no fit');
  return found;
};

it('finds the factor, and an interval that holds it in 97 to 100 of 100 draws', () => {
  let inside = 0;
  for (let seed = 0; seed < 200; seed += 2) if (allows(fitted(400, 1.37, seed), 1.37, 0)) inside++;
  expect(inside).toBeGreaterThanOrEqual(97);
  expect(fitted(4000, 1.37).factor).toBeCloseTo(1.37, 1);
});

it('is more precise with more rows', () => {
  expect(widthOf(fitted(4000, 2))).toBeLessThan(widthOf(fitted(400, 2)) / 2.5);
});

it('allows no other factor, except within the tolerance', () => {
  const found = fitted(4000, 2);
  expect(allows(found, 2, 0)).toBe(true);
  expect(allows(found, 2.4, 0)).toBe(false);
  expect(allows(found, 1.6, 0)).toBe(false);
  expect(allows(found, 2.4, 0.2)).toBe(true);
  expect(allows(found, 1.6, 0.25)).toBe(true);
  expect(allows(found, -2, 0)).toBe(true);
});

it('leaves zeros out, and needs eight values on either side', () => {
  const rows = { reference: 20, current: 20 };
  const some = [1, 2, 3, 4, 5, 6, 7, 8];
  expect(fitFactor([0, 0, ...some], some, rows)?.factor).toBeCloseTo(1, 6);
  expect(fitFactor([0, 1, 2, 3, 4, 5, 6, 7], some, rows)).toBeUndefined();
  expect(fitFactor(some, [0, 1, 2, 3, 4, 5, 6, 7], rows)).toBeUndefined();
});

it('is the ratio of the trimmed geometric means, whatever the order and the ends', () => {
  // ten values: the smallest and the largest are left out; by numpy
  const was = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
  const is = [512, 256, 128, 64, 32, 16, 8, 4, 2, 1].map((value) => 3 * value);
  const rows = { reference: 100, current: 400 };
  const found = fitFactor(was, is, rows);
  expect(found?.factor).toBeCloseTo(3, 9);
  // sixteenth and eighty-fourth percentile by rank: 2 and 128 of either, half their distance in logarithms is 2.07944;
  // √(1.06 · 2.07944² · (1/100 + 1/400)) = 0.239362
  expect(Math.log((found?.upper ?? 0) / 3)).toBeCloseTo(2.58 * 0.239362, 4);
  expect(Math.log((found?.lower ?? 0) / 3)).toBeCloseTo(-2.58 * 0.239362, 4);
  const wild = [...was.slice(0, 9), 1e30];
  expect(fitFactor(was, wild, rows)?.factor).toBeCloseTo(1, 9);
  expect(fitFactor([1e-30, ...was.slice(1)], was, rows)?.factor).toBeCloseTo(1, 9);
});

it('is that of the sizes, whatever their signs', () => {
  const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
  // in order of the values, the sizes of negative ones fall
  const mixed = [-512, -64, -16, -4, -1, 2, 8, 32, 128, 256];
  const rows = { reference: 100, current: 100 };
  expect(fitFactor(mixed, sizes, rows)).toEqual(fitFactor(sizes, sizes, rows));
});

it('counts the rows of the values that have a logarithm', () => {
  const values = [1, 2, 4, 8, 16, 32, 64, 128];
  const zeros = new Array<number>(8).fill(0);
  const width = (was: readonly number[], rows: number) => {
    const found = fitFactor(was, values, { reference: rows, current: 1e12 });
    return found === undefined ? 0 : widthOf(found);
  };
  expect(width([...zeros, ...values], 200)).toBeCloseTo(width(values, 100), 6);
});
