import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countInCells, createCellLookup } from '../../src/tables/cell-lookup.js';
import { addValues, createSummary, type NumberSummary } from '../../src/tables/profiles/number-summary.js';

const summary = (...chunks: readonly (readonly number[])[]): NumberSummary => {
  const seen = createSummary();
  const cells = createCellLookup([]);
  for (const chunk of chunks) addValues(seen, Float64Array.from(chunk), { rows: chunk.length, cells, hasNull: true });
  return seen;
};

it('gives the same result in pieces as in one', () => {
  const values = Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 - 3);
  const [whole, pieces] = [summary(values), summary(values.slice(0, 1), values.slice(1, 400), [], values.slice(400))];
  expect(pieces).toMatchObject({ min: whole.min, max: whole.max, negatives: whole.negatives, summed: 1000 });
  expect(pieces.mean).toBeCloseTo(whole.mean, 12);
  expect(pieces.squares).toBeCloseTo(whole.squares, 8);
});

it('keeps the deviation of values far from zero precise', () => {
  const { mean, squares, summed } = summary([1e9, 1e9 + 1], [1e9 + 2, 1e9 + 3]);
  expect([mean, squares / summed]).toEqual([1e9 + 1.5, 1.25]);
});

it('counts missing and not finite values separately, and leaves huge values only out of the sums', () => {
  const seen = summary([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 2, -1e300]);
  expect(seen).toMatchObject({ missing: 1, above: 1, below: 1, zeros: 2, negatives: 1, min: -1e300, max: 2 });
  expect(seen).toMatchObject({ summed: 3, mean: 2 / 3 });
});

it('counts NaN as a value that is not finite where nothing is missing', () => {
  const [seen, cells] = [createSummary(), createCellLookup([])];
  addValues(seen, Float64Array.from([Number.NaN, 1]), { rows: 2, cells, hasNull: false });
  addValues(seen, Float64Array.from([Number.NaN, 1]), { rows: 2, cells, hasNull: true });
  expect(seen).toMatchObject({ missing: 1, above: 1, below: 0, summed: 2 });
});

it('has no range without a value', () => {
  expect(summary([Number.NaN])).toMatchObject({ missing: 1, summed: 0, mean: 0 });
  expect(summary([Number.NaN]).min).toBeGreaterThan(summary([Number.NaN]).max);
});

it('counts in the same cells as countInCells', () => {
  const value = fc.oneof(fc.double(), fc.double({ min: -3, max: 3 }), fc.constantFrom(0, -0, 1, 1.5, 5e-324));
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 200 }),
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
      (values, bounds) => {
        const edges = [...new Set([-1, 0.5, 1, ...bounds].map((edge) => edge + 0))].sort((a, b) => a - b);
        const [own, other] = [createCellLookup(edges), createCellLookup(edges)];
        addValues(createSummary(), Float64Array.from(values), { rows: values.length, cells: own, hasNull: true });
        countInCells(other, Float64Array.from(values), values.length);
        expect(own.counts).toEqual(other.counts);
      },
    ),
  );
});
