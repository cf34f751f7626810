import type { CategoryProfile } from './profile.js';

/** A distribution known by its values at equally spaced ranks 0…1. */
export type Quantiles = readonly number[];

/** Share of the distribution at or below x, by the kept ranks. */
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

/**
 * Kolmogorov–Smirnov distance max|F − G|, 0…1, from kept quantiles: exact to about one rank step. Both functions only
 * jump at kept values, so only those need to be looked at.
 */
export function ksDistance(reference: Quantiles, current: Quantiles): number {
  let largest = 0;
  for (const x of [...reference, ...current])
    largest = Math.max(largest, Math.abs(shareAtMost(reference, x) - shareAtMost(current, x)));
  return largest;
}

/** Shares of two windows in the same cells. */
export interface Cells {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** Counts in the union of both windows' kept values; everything else shares one cell. */
export function alignCategories(reference: CategoryProfile, current: CategoryProfile): Cells {
  const counts = new Map<string, readonly [number, number]>();
  for (const { value, count } of reference.top) counts.set(value, [count, 0]);
  for (const { value, count } of current.top) counts.set(value, [counts.get(value)?.[0] ?? 0, count]);
  const cells = [...counts.values(), [reference.otherRows, current.otherRows] as const];
  return { reference: cells.map((cell) => cell[0]), current: cells.map((cell) => cell[1]) };
}

export const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Total variation distance ½·Σ|p − q|, 0…1. */
export function totalVariation({ reference, current }: Cells): number {
  const [n, m] = [total(reference), total(current)];
  return reference.reduce((sum, count, i) => sum + Math.abs(count / n - (current[i] ?? 0) / m), 0) / 2;
}
