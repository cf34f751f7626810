import type { Estimate } from '../../../statistics/estimate.js';
import { type DropRule, USUAL_SDS } from '../performance-drop.js';

/** So many earlier windows have to have been as bad, and good again right afterwards. */
const TIMES = 2;
/** How much less bad sampling may have made them look: 90 %, one-sided. */
const NEAR_SDS = 1.28;

interface Seen {
  /** Windows of the reference, oldest first. */
  readonly good: readonly Estimate[];
  /** Bad windows that stood alone: falls that were over with the next window. */
  readonly alone: readonly Estimate[];
}

/**
 * Whether a bad window is as windows have been before now and then, as at the end of each month: at least two were as bad, by
 * more than sampling explains, and the window after each was nearer to the level. A fall that stays shows in the next window
 * too, and is none.
 */
export function isUsualSwing(
  { good, alone }: Seen,
  window: Estimate,
  { level, isHigherBetter }: { readonly level: number } & Pick<DropRule, 'isHigherBetter'>,
): boolean {
  const depth = ({ value }: Estimate): number => (isHigherBetter ? level - value : value - level);
  const isBackAfter = (i: number): boolean => {
    const next = good[i + 1];
    return next !== undefined && depth(next) < depth(window) / 2;
  };
  const swings = [...alone, ...good.filter((_, i) => isBackAfter(i))].filter(
    (one) =>
      depth(one) > USUAL_SDS * one.standardError &&
      depth(one) >= depth(window) - NEAR_SDS * Math.hypot(one.standardError, window.standardError),
  );
  return swings.length >= TIMES;
}
