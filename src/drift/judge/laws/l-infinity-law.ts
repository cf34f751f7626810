import { type Cells, total } from '../../../statistics/distribution.js';
import { normalTail, upperPoint } from '../../../statistics/special-functions.js';
import type { NoDriftLaw } from './no-drift-law.js';

/**
 * Law of max|p − q|: Bonferroni's bound over the cells. Each difference is normal with variance p(1 − p)·e from the
 * pooled shares.
 */
export function lInfinityLaw({ reference, current }: Cells, alpha: number, seen: number): NoDriftLaw {
  const [n, m] = [total(reference), total(current)];
  const deviations = reference
    .map((count, i) => (count + (current[i] ?? 0)) / (n + m))
    .map((p) => Math.sqrt(p * (1 - p) * (1 / n + 1 / m)))
    .filter((deviation) => deviation > 0);
  const tail = (x: number): number =>
    Math.min(
      1,
      deviations.reduce((sum, sd) => sum + 2 * normalTail(x / sd), 0),
    );
  return { mean: upperPoint(tail, 0.5, [0, 1]), limit: upperPoint(tail, alpha, [0, 1]), pValue: tail(seen) };
}
