import { describe, expect, it } from 'vitest';
import { median, medianHigh, medianLow, quantile } from '../../src/statistics/quantiles.js';

describe('median', () => {
  it('is the middle value, by value and not by text', () => {
    for (const of of [median, medianLow, medianHigh]) expect(of([100, 9, 20])).toBe(20);
    expect(median(Float64Array.of(3, 1, 2))).toBe(2);
  });

  it('has two middle values where their number is even', () => {
    const values = [8, 1, 4, 2];
    expect([median(values), medianLow(values), medianHigh(values)]).toEqual([3, 2, 4]);
  });

  it('leaves the values in their order, and is undefined without values', () => {
    const values = [3, 1, 2];
    for (const of of [median, medianLow, medianHigh]) {
      of(values);
      expect(values).toEqual([3, 1, 2]);
      expect(of([])).toBeUndefined();
    }
  });
});

describe('quantile', () => {
  it('is linear between the two nearest values', () => {
    const sorted = [0, 10, 20, 40];
    expect([0, 0.25, 0.5, 1].map((rank) => quantile(sorted, rank))).toEqual([0, 7.5, 15, 40]);
    expect(quantile([7], 0.3)).toBe(7);
  });

  it('lies between equal infinite values, and is NaN without values', () => {
    expect(quantile([0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY], 0.75)).toBe(Number.POSITIVE_INFINITY);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
