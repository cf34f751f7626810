import { type Cells, total } from '../../../statistics/distribution.js';

/**
 * Kolmogorov–Smirnov distance max|F − G| at the edges of cells in ascending order, 0…1, no unit (Kolmogorov 1933,
 * Smirnov 1948). The exact distance is not smaller, and larger by at most the fullest cell's share: 0.001 with the
 * 1,000 cells of a profile.
 */
export const ksOfCells = (cells: Cells): number => ksSplit(cells).distance;

/** The same with the pooled share of rows below the point where the distance is largest, 0…1. */
export function ksSplit({ reference, current }: Cells): { readonly distance: number; readonly below: number } {
  const [n, m] = [total(reference), total(current)];
  let [f, g] = [0, 0];
  let split = { distance: 0, below: 0 };
  reference.forEach((count, i) => {
    f += count / n;
    g += (current[i] ?? 0) / m;
    const distance = Math.abs(f - g);
    if (distance > split.distance) split = { distance, below: (f * n + g * m) / (n + m) };
  });
  return split;
}

/** The exact distance of two samples; both are sorted here. */
export function ksOfRows(reference: readonly number[], current: readonly number[]): number {
  const [a, b] = [ascending(reference), ascending(current)];
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < a.length && (a[i] ?? 0) <= x) i++;
    while (j < b.length && (b[j] ?? 0) <= x) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

/** A sorted copy, by value. */
export const ascending = (values: readonly number[]): Float64Array => Float64Array.from(values).sort();
