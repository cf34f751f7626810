import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bounds, outlierBounds } from '../../../../src/data/judge/outliers/bounds.js';

const METHODS = ['mad', 'iqr', 'quantile'] as const;
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const outside = (values: readonly number[], bounds: Bounds): number =>
  values.filter((value) => value < bounds.lower || value > bounds.upper).length;
const columns = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 80 }).map(sorted);

describe('outlierBounds', () => {
  it('gives the values of the formulae', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    // median 5, MAD 2
    expect(outlierBounds(values, { method: 'mad' })).toEqual({
      lower: 5 - (3.5 * 2) / 0.6745,
      upper: 5 + (3.5 * 2) / 0.6745,
    });
    // quartiles 3 and 7
    expect(outlierBounds(values, { method: 'iqr' })).toEqual({ lower: 3 - 12, upper: 7 + 12 });
    expect(outlierBounds(values, { method: 'iqr', limit: 1.5 })).toEqual({ lower: -3, upper: 13 });
    expect(outlierBounds(values, { method: 'quantile', limit: 0.25 })).toEqual({ lower: 3, upper: 7 });
  });

  it('gives none for a column that is empty or mostly one value', () => {
    expect(outlierBounds([], { method: 'quantile' })).toBeUndefined();
    expect(outlierBounds([0, 0, 0, 0, 9], { method: 'mad' })).toBeUndefined();
    expect(outlierBounds([0, 0, 0, 0, 9], { method: 'iqr' })).toBeUndefined();
    expect(outlierBounds([0, 0, 0, 0, 9], { method: 'quantile' })).toBeDefined();
  });

  it('hardly change with one wild value, unlike a mean and its deviation', () => {
    const values = sorted([...Array.from({ length: 99 }, (_, i) => i), 1e9]);
    for (const method of ['mad', 'iqr'] as const) {
      const bounds = outlierBounds(values, { method });
      expect(bounds?.upper).toBeLessThan(1000);
      expect(outside(values, bounds ?? { lower: 0, upper: 0 })).toBe(1);
    }
  });

  it('keeps at least half of its own rows inside', () => {
    fc.assert(
      fc.property(columns, fc.constantFrom('mad', 'iqr'), (values, method) => {
        const bounds = outlierBounds(values, { method });
        if (bounds !== undefined) expect(outside(values, bounds)).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  it('widens with its limit, the quantile method with a smaller one', () => {
    fc.assert(
      fc.property(columns, fc.constantFrom(...METHODS), (values, method) => {
        const [narrow, wide] = method === 'quantile' ? [0.2, 0.05] : [1.5, 3];
        const [inner, outer] = [narrow, wide].map((limit) => outlierBounds(values, { method, limit }));
        expect(inner === undefined).toBe(outer === undefined);
        if (inner === undefined || outer === undefined) return;
        expect(outer.lower).toBeLessThanOrEqual(inner.lower + 1e-9);
        expect(outer.upper).toBeGreaterThanOrEqual(inner.upper - 1e-9);
      }),
    );
  });

  it('moves with the unit: a·x + b has the bounds a·lower + b and a·upper + b', () => {
    const factor = fc.integer({ min: 1, max: 50 });
    const shift = fc.integer({ min: -500, max: 500 });
    fc.assert(
      fc.property(columns, fc.constantFrom(...METHODS), factor, shift, (values, method, a, b) => {
        const before = outlierBounds(values, { method });
        const after = outlierBounds(
          values.map((value) => a * value + b),
          { method },
        );
        expect(before === undefined).toBe(after === undefined);
        if (before === undefined || after === undefined) return;
        expect(after.lower).toBeCloseTo(a * before.lower + b, 5);
        expect(after.upper).toBeCloseTo(a * before.upper + b, 5);
      }),
    );
  });

  it('mirrors: −x has the bounds −upper and −lower', () => {
    fc.assert(
      fc.property(columns, fc.constantFrom(...METHODS), (values, method) => {
        const bounds = outlierBounds(values, { method });
        const mirrored = outlierBounds(sorted(values.map((value) => -value)), { method });
        expect(mirrored === undefined).toBe(bounds === undefined);
        if (bounds === undefined || mirrored === undefined) return;
        expect(mirrored.lower).toBeCloseTo(-bounds.upper, 6);
        expect(mirrored.upper).toBeCloseTo(-bounds.lower, 6);
      }),
    );
  });
});
