import { type Cells, total } from '../../../statistics/distribution.js';

/** Hellinger distance √(1 − Σ√(pq)), 0…1, no unit (Hellinger 1909). */
export function hellinger({ reference, current }: Cells): number {
  const [n, m] = [total(reference), total(current)];
  const overlap = reference.reduce((sum, count, i) => sum + Math.sqrt((count / n) * ((current[i] ?? 0) / m)), 0);
  return Math.sqrt(Math.max(0, 1 - overlap));
}
