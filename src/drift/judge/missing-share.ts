import type { ColumnProfile } from '../../domain/data/profile.js';
import { normalQuantile } from '../../statistics/normal.js';
import { normalTail } from '../../statistics/special-functions.js';
import { missingRows } from './cells.js';
import { EFFECTS, shownAbove } from './effects/effect-sizes.js';

export interface MissingShare {
  readonly before: number;
  readonly after: number;
  /** |after − before|. */
  readonly score: number;
  /**
   * Exceeding it shows a change above the effect size. It is exceeded with probability alpha when nothing has changed.
   */
  readonly threshold: number;
  /** The limit from the probability alone. */
  readonly limit: number;
  readonly pValue: number;
  /** Rows of the smaller window. */
  readonly rows: number;
  /** Whether some rows hold infinite values or NaN. */
  readonly isNotFinite: boolean;
}

/** Compares the shares of missing and not finite values, 0…1, by the two-sample z-test for proportions. */
export function compareMissing(reference: ColumnProfile, current: ColumnProfile, alpha: number): MissingShare {
  const [n, m] = [reference.rows, current.rows];
  const [before, after] = [missingRows(reference) / Math.max(1, n), missingRows(current) / Math.max(1, m)];
  const pooled = (missingRows(reference) + missingRows(current)) / Math.max(1, n + m);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / Math.max(1, n) + 1 / Math.max(1, m)));
  const score = Math.abs(after - before);
  const limit = -normalQuantile(alpha / 2) * spread;
  return {
    before,
    after,
    score,
    limit,
    threshold: Math.max(limit, shownAbove(EFFECTS.share, spread)),
    rows: Math.min(n, m),
    isNotFinite: reference.notFinite + current.notFinite > 0,
    pValue: spread === 0 ? 1 : Math.min(1, 2 * normalTail(score / spread)),
  };
}
