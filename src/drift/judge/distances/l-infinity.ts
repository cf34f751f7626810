import { type Cells, total } from '../../../statistics/distribution.js';

/** Chebyshev's L-infinity distance max|p − q|, 0…1: the largest move of one cell's share. */
export const lInfinity = (cells: Cells): number => movedCell(cells).distance;

/** The same with the pooled share of that cell. */
export function movedCell({ reference, current }: Cells): { readonly distance: number; readonly share: number } {
  const [n, m] = [total(reference), total(current)];
  let moved = { distance: 0, share: 0 };
  reference.forEach((count, i) => {
    const now = current[i] ?? 0;
    const distance = Math.abs(count / n - now / m);
    if (distance > moved.distance) moved = { distance, share: (count + now) / (n + m) };
  });
  return moved;
}
