import { type Cells, total } from '../../../statistics/distribution.js';

/**
 * Population stability index Σ(q − p)·ln(q/p), in nats, 0 and up (Jeffreys 1946; Lewis 1994). Half a row is added to
 * every count, so an empty cell weighs what a cell of half a row does.
 */
export function psi(cells: Cells): number {
  const { p, q } = smoothedShares(cells);
  return p.reduce((sum, share, i) => sum + ((q[i] ?? 0) - share) * Math.log((q[i] ?? 0) / share), 0);
}

/** Shares after adding half a row to every count. */
export function smoothedShares({ reference, current }: Cells): {
  readonly p: readonly number[];
  readonly q: readonly number[];
} {
  const [n, m] = [total(reference) + reference.length / 2, total(current) + current.length / 2];
  return { p: reference.map((count) => (count + 0.5) / n), q: current.map((count) => (count + 0.5) / m) };
}
