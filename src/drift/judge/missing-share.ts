import type { ColumnProfile } from '../../domain/data/profile.js';
import { normalQuantile } from '../../statistics/normal.js';
import { normalTail } from '../../statistics/special-functions.js';
import { missingRows } from './cells.js';

/** Missing shares that differ by less are not worth acting on. */
const MISSING_EFFECT = 0.05;
/** Of a column's false alarms, the part that its missing values may cause. */
const ALPHA_SHARE = 0.1;

export interface MissingShare {
  readonly before: number;
  readonly after: number;
  /** |after − before|. */
  readonly score: number;
  readonly threshold: number;
  readonly pValue: number;
}

/** Shares of missing and not finite values, 0…1, compared by the two-sample z-test for proportions. */
export function compareMissing(reference: ColumnProfile, current: ColumnProfile, alpha: number): MissingShare {
  const [n, m] = [reference.rows, current.rows];
  const [before, after] = [missingRows(reference) / Math.max(1, n), missingRows(current) / Math.max(1, m)];
  const pooled = (missingRows(reference) + missingRows(current)) / Math.max(1, n + m);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / Math.max(1, n) + 1 / Math.max(1, m)));
  const score = Math.abs(after - before);
  return {
    before,
    after,
    score,
    threshold: Math.max(MISSING_EFFECT, -normalQuantile((alpha * ALPHA_SHARE) / 2) * spread),
    pValue: spread === 0 ? 1 : 2 * normalTail(score / spread),
  };
}
