import type { CategoryProfile } from '../../domain/data/profile.js';
import { normalQuantile } from '../../statistics/normal.js';
import { EFFECTS, shownAbove } from './effects/effect-sizes.js';

export interface Unseen {
  /** Share of the current rows whose values the reference does not have, 0…1. */
  readonly share: number;
  /**
   * Expected share when nothing has changed, from the reference's values that were seen once (Good and Turing; Good
   * 1953).
   */
  readonly expected: number;
  /** Exceeded with probability alpha when nothing has changed. */
  readonly limit: number;
  /** Exceeding it also shows that the share is above the expected one by more than the effect size. */
  readonly threshold: number;
}

/** `undefined` if the reference does not keep all of its values, because new ones cannot be recognised then. */
export function unseenValues(reference: CategoryProfile, current: CategoryProfile, alpha: number): Unseen | undefined {
  if (reference.otherRows > 0) return undefined;
  const known = new Set(reference.top.map((one) => one.value));
  const rowsOf = (categories: CategoryProfile): number =>
    categories.top.reduce((sum, one) => sum + one.count, categories.otherRows);
  const [n, m] = [rowsOf(reference), rowsOf(current)];
  if (n === 0 || m === 0) return undefined;
  const unseen = current.top.reduce((sum, one) => sum + (known.has(one.value) ? 0 : one.count), current.otherRows);
  const expected = reference.singletons / n;
  const twice = reference.top.filter((one) => one.count === 2).length;
  // Variance of the estimate itself (Esty 1983), and of m rows drawn with that share.
  const spread = Math.sqrt((reference.singletons + 2 * twice + 1) / n ** 2 + (expected + 1 / n) / m);
  // A single value that the reference missed by chance: all of its rows lie in the current window.
  const rowsOfOne = Math.log(alpha) / Math.log(m / (n + m));
  const limit = Math.min(1, expected + Math.max(1 / m - normalQuantile(alpha) * spread, rowsOfOne / m));
  return {
    share: unseen / m,
    expected,
    limit,
    threshold: Math.min(1, Math.max(limit, expected + shownAbove(EFFECTS.share, spread))),
  };
}
