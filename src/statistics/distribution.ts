import type { CategoryProfile, NumericProfile } from '../domain/data/profile.js';

/** A distribution given by its values at equally spaced ranks 0…1. */
export type Quantiles = readonly number[];

/** How many kept values have a cell of their own in a column's history. The others share one. */
export const HISTORY_VALUES = 30;
const COARSE_CELLS = 32;

/** Row counts of two windows in the same cells, in the same order. */
export interface Cells {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/**
 * Upper bounds of the cells of a number column: just below its smallest value, then every different kept value. A cell
 * holds the values above the previous bound, up to and including its own. One more cell holds the values above the last
 * bound. So the first and last cells count values outside the reference's range, and one extreme value moves no other
 * bound.
 */
export function cellEdges(quantiles: Quantiles): readonly number[] {
  const different = quantiles.filter((value, i) => value !== quantiles[i - 1]);
  return different[0] === undefined ? [] : [justBelow(different[0]), ...different];
}

const justBelow = (value: number): number => {
  if (value === 0) return -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  view.setBigInt64(0, value > 0 ? bits - 1n : bits + 1n);
  return view.getFloat64(0);
};

/**
 * About 32 of the cell edges, with equal counts between them and both ends included: enough to see how a column varies
 * over time.
 */
export function coarseEdges(quantiles: Quantiles): readonly number[] {
  const edges = cellEdges(quantiles);
  if (edges.length <= COARSE_CELLS + 2) return edges;
  const kept = Array.from(
    { length: COARSE_CELLS + 1 },
    (_, i) => quantiles[Math.round((i / COARSE_CELLS) * (quantiles.length - 1))] ?? 0,
  );
  return cellEdges(kept);
}

/** The cell of a value: the index of the first edge at or above it. */
function cellOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] ?? Number.POSITIVE_INFINITY) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts of values in the cells with these edges. */
export function countInCells(edges: readonly number[], values: Iterable<number>): readonly number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    const cell = cellOf(edges, value);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return counts;
}

/**
 * Moves counts to other cells. All values of a cell are taken to lie at its upper edge, so the error is at most one
 * cell's rows.
 */
export function recount(
  from: { readonly edges: readonly number[]; readonly counts: readonly number[] },
  edges: readonly number[],
): readonly number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  from.counts.forEach((count, i) => {
    const cell = cellOf(edges, from.edges[i] ?? Number.POSITIVE_INFINITY);
    counts[cell] = (counts[cell] ?? 0) + count;
  });
  return counts;
}

/**
 * The cells of a number column with its own row counts. Without exact counts each kept rank stands for an equal share.
 */
export function ownCells(
  numeric: NumericProfile,
  present: number,
): { readonly edges: readonly number[]; readonly counts: readonly number[] } {
  const edges = cellEdges(numeric.quantiles);
  if (numeric.counts !== undefined) return { edges, counts: numeric.counts };
  const share = present / Math.max(1, numeric.quantiles.length);
  return { edges, counts: countInCells(edges, numeric.quantiles).map((count) => count * share) };
}

/** Share of the distribution at or below x, from the kept ranks. */
function shareAtMost(quantiles: Quantiles, x: number): number {
  let low = 0;
  let high = quantiles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((quantiles[middle] ?? Number.POSITIVE_INFINITY) <= x) low = middle + 1;
    else high = middle;
  }
  return low / quantiles.length;
}

/** Share of the sorted values below x and half of those at x, 0…1. */
export const middleShare = (sorted: Quantiles, x: number): number =>
  (cellOf(sorted, x) / sorted.length + shareAtMost(sorted, x)) / 2;

/**
 * Kolmogorov–Smirnov distance max|F − G|, 0…1, from kept quantiles, exact to about one rank step. Both functions jump
 * only at kept values, so only those are compared.
 */
export function quantileDistance(reference: Quantiles, current: Quantiles): number {
  let largest = 0;
  for (const x of [...reference, ...current])
    largest = Math.max(largest, Math.abs(shareAtMost(reference, x) - shareAtMost(current, x)));
  return largest;
}

/** Counts in the union of both windows' kept values. All other values share the last cell. */
export function alignCategories(
  reference: CategoryProfile,
  current: CategoryProfile,
): Cells & { readonly values: readonly string[] } {
  const counts = new Map<string, readonly [number, number]>();
  for (const { value, count } of reference.top) counts.set(value, [count, 0]);
  for (const { value, count } of current.top) counts.set(value, [counts.get(value)?.[0] ?? 0, count]);
  const cells = [...counts.values(), [reference.otherRows, current.otherRows] as const];
  return {
    values: [...counts.keys()],
    reference: cells.map((cell) => cell[0]),
    current: cells.map((cell) => cell[1]),
  };
}

export const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Total variation distance ½·Σ|p − q|, 0…1, of two windows in the same cells. */
export function totalVariation({ reference, current }: Cells): number {
  const [n, m] = [total(reference), total(current)];
  return reference.reduce((sum, count, i) => sum + Math.abs(count / n - (current[i] ?? 0) / m), 0) / 2;
}
