import { expect, it } from 'vitest';
import { isTooMany, shareOutside } from '../../../../src/data/judge/outliers/too-many.js';

it('counts the ranks outside the bounds, not those on them', () => {
  const bounds = { lower: 2, upper: 8 };
  expect(shareOutside({ quantiles: [1, 2, 5, 8, 9] }, bounds)).toBe(0.4);
  expect(shareOutside({ quantiles: [2, 8] }, bounds)).toBe(0);
  expect(shareOutside({ quantiles: [] }, bounds)).toBe(0);
});

it.each([
  ['more than one in a hundred', 0.0101, 1000, 'mad', undefined, true],
  ['one in a hundred', 0.01, 1000, 'mad', undefined, false],
  ['six rows of a small table', 0.06, 100, 'iqr', undefined, true],
  ['five rows of a small table', 0.05, 100, 'iqr', undefined, false],
  ['the share that the method cuts off', 0.1, 1000, 'quantile', undefined, false],
  ['more than is declared', 0.021, 1000, 'mad', 0.02, true],
  ['what is declared', 0.02, 1000, 'mad', 0.02, false],
  ['more than is declared, of few rows', 0.03, 100, 'quantile', 0.02, true],
] as const)('%s', (_, share, rows, method, maxShare, isIt) => {
  expect(isTooMany(share, rows, { method, maxShare })).toBe(isIt);
});
