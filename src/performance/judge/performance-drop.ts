import type { Estimate } from '../../statistics/estimate.js';

export interface DropJudgement {
  readonly verdict: 'drift' | 'stable' | 'undecided';
  /** Level of the reference windows. */
  readonly reference?: number;
  /** How much worse the window is, in the metric's unit; negative where it is better. */
  readonly fall?: number;
  /** Fall beyond which it is drift. */
  readonly limit?: number;
  /** Standard deviation between windows that sampling does not explain. */
  readonly spread?: number;
  /** Reference windows that are missing, where undecided for want of them. */
  readonly missingWindows?: number;
}

export interface DropRule {
  /** Smallest fall that matters, in the metric's unit. */
  readonly drop: number;
  readonly isHigherBetter: boolean;
  /** Normal deviate of the one-sided confidence; 2.326 is 99 %. */
  readonly sds?: number;
}

/** Fewer windows do not show how far a metric swings by itself. */
export const FEWEST_WINDOWS = 3;

/**
 * Whether a metric fell by more than matters and by more than it swings. The reference windows are taken as draws from a
 * level with a spread of its own beyond sampling error (random effects, DerSimonian and Laird 1986); a new window then lies
 * within t·sqrt(spread² + its own variance + that of the level) of the level (Higgins et al. 2009), t with k − 1 df. The limit
 * is the larger of that and the drop that matters: one bad week of a metric with bad weeks is no drift.
 */
export function judgeDrop(
  references: readonly Estimate[],
  current: Estimate | undefined,
  rule: DropRule,
): DropJudgement {
  const missing = FEWEST_WINDOWS - references.length;
  if (missing > 0) return { verdict: 'undecided', missingWindows: missing };
  if (current === undefined) return { verdict: 'undecided' };
  const { level, levelVariance, spreadVariance } = randomEffects(references);
  const reach = Math.sqrt(spreadVariance + current.standardError ** 2 + levelVariance);
  const limit = Math.max(rule.drop, studentQuantile(rule.sds ?? 2.326, references.length - 1) * reach);
  const fall = rule.isHigherBetter ? level - current.value : current.value - level;
  return {
    verdict: fall > limit ? 'drift' : 'stable',
    reference: level,
    fall,
    limit,
    spread: Math.sqrt(spreadVariance),
  };
}

function randomEffects(estimates: readonly Estimate[]) {
  // an estimate without error would outweigh all others: the least error is a thousandth of the largest
  const largest = Math.max(...estimates.map((one) => one.standardError));
  const variances = estimates.map((one) => Math.max(one.standardError, largest / 1000, 1e-12) ** 2);
  const weigh = (extra: number) => {
    const weights = variances.map((variance) => 1 / (variance + extra));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const level = estimates.reduce((sum, one, i) => sum + one.value * (weights[i] ?? 0), 0) / total;
    return { weights, total, level };
  };
  const fixed = weigh(0);
  const q = estimates.reduce((sum, one, i) => sum + (fixed.weights[i] ?? 0) * (one.value - fixed.level) ** 2, 0);
  const squares = fixed.weights.reduce((sum, weight) => sum + weight * weight, 0);
  const spreadVariance = Math.max(0, (q - (estimates.length - 1)) / (fixed.total - squares / fixed.total));
  const { level, total } = weigh(spreadVariance);
  return { level, levelVariance: 1 / total, spreadVariance };
}

/** Student's t for a normal deviate z and its degrees of freedom (Abramowitz and Stegun 1964, 26.7.5). */
function studentQuantile(z: number, df: number): number {
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  const g4 = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160;
  return z + g1 / df + g2 / df ** 2 + g3 / df ** 3 + g4 / df ** 4;
}
