import type { Cells } from '../../../statistics/distribution.js';
import { smoothedShares } from './psi.js';

/** Kullback–Leibler divergence Σ p·ln(p/q) of the current window q from the reference p, in nats (Kullback and Leibler 1951); half a row is added to every count. */
export function kullbackLeibler(cells: Cells): number {
  const { p, q } = smoothedShares(cells);
  return p.reduce((sum, share, i) => sum + share * Math.log(share / (q[i] ?? 0)), 0);
}
