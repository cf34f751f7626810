import { expect, it } from 'vitest';
import { testRepairs } from '../../../../src/data/judge/repairs/repair-test.js';
import { pair, roundTo } from '../profiles.js';

/** A price that six of ten rows have, beside others. */
const prices = (price: number): number[] =>
  Array.from({ length: 1000 }, (_, i) => (i % 10 < 6 ? price : roundTo(2)(0.5 + ((i * 0.6180339887498949) % 1) * 20)));
const cents = (value: number): number => Math.round(100 * value);

// 57 · 0.01, 140 · 0.01 and 203 · 0.01 are not the nearest doubles of these prices, 50 · 0.01 is
it.each([0.5, 0.57, 1.4, 2.03])('a price of %f in most rows has lost its decimal point', (price) => {
  const was = prices(price);
  expect(testRepairs(pair('price', was, was.map(cents)))).toMatchObject({
    severity: 'error',
    repair: 'divide by 100',
    evidence: { residual: 0 },
  });
  // or has got one that it should not have
  expect(testRepairs(pair('price', was.map(cents), was))).toMatchObject({
    severity: 'error',
    repair: 'multiply by 100',
    evidence: { residual: 0 },
  });
});

it.each([0.5, 0.57, 1.4, 2.03])('a price of %f in most rows has lost it in a part of them', (price) => {
  const was = prices(price);
  const is = was.map((value, i) => ((i * 0.7548776662466927) % 1 < 0.4 ? cents(value) : value));
  const found = testRepairs(pair('price', was, is));
  expect(found).toMatchObject({ severity: 'error', repair: 'divide by 100' });
  expect(Number(found?.evidence.residual)).toBeLessThan(0.02);
});
