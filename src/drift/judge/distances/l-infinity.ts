import { type Cells, total } from '../../../statistics/distribution.js';

/** Chebyshev's L-infinity distance max|p − q|, 0…1: the largest move of one cell's share. */
export function lInfinity({ reference, current }: Cells): number {
  const [n, m] = [total(reference), total(current)];
  return reference.reduce((largest, count, i) => Math.max(largest, Math.abs(count / n - (current[i] ?? 0) / m)), 0);
}
