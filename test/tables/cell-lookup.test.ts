import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cellEdges, countInCells as countBySearch } from '../../src/statistics/distribution.js';
import { countInCells, createCellLookup, sortInStretches } from '../../src/tables/cell-lookup.js';

function counted(edges: readonly number[], values: readonly number[]): readonly number[] {
  const lookup = createCellLookup(edges);
  countInCells(lookup, Float64Array.from(values), values.length);
  return [...lookup.counts];
}

const finite = (values: readonly number[]): readonly number[] => values.filter(Number.isFinite);

it('counts like a search over all edges', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0, -0, 1e300, -1e300, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
  );
  const seen = fc.oneof(number, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), fc.array(seen, { maxLength: 80 }), (kept, values) => {
      const edges = cellEdges([...kept].sort((x, y) => x - y));
      expect(counted(edges, values)).toEqual(countBySearch(edges, finite(values)));
      const sorted = Float64Array.from(finite(values), (value) => value + 0).sort();
      expect(sortInStretches(createCellLookup(edges), Float64Array.from(finite(values)))).toEqual(sorted);
    }),
  );
});

it('counts exactly where a thousand edges lie close together next to distant ones', () => {
  const close = Array.from({ length: 1000 }, (_, i) => 1e9 + i * 1e-6);
  const edges = cellEdges([-1e300, ...close, 1e300]);
  const values = [...close, ...close.map((value) => value + 4e-7), -1e300, 1e300, 0];
  expect(counted(edges, values)).toEqual(countBySearch(edges, values));
});

it('counts only the rows of a chunk that are its own, and chunks together', () => {
  const lookup = createCellLookup([0, 1]);
  countInCells(lookup, Float64Array.from([0.5, 7, 9]), 2);
  countInCells(lookup, Float64Array.from([-1]), 1);
  expect([...lookup.counts]).toEqual([1, 1, 1]);
});
