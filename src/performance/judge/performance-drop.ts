import type { ReferenceLevel } from '../../domain/data/performance.js';
import type { Estimate } from '../../statistics/estimate.js';

export interface DropJudgement {
  readonly verdict: 'drift' | 'stable' | 'undecided';
  /** Level of the reference windows. */
  readonly reference?: number;
  /** How much worse the window is, in the metric's unit. Negative if it is better. */
  readonly fall?: number;
  /** A larger fall is drift. Never larger than the metric can still fall. */
  readonly limit?: number;
  /** Standard deviation between windows that sampling does not explain. */
  readonly spread?: number;
  /** Number of missing reference windows, if there are too few. */
  readonly missingWindows?: number;
  /** Whether even a worthless model would not be noticed, because the window has too few rows. */
  readonly isBlind?: boolean;
}

export interface DropRule {
  /** Smallest fall that matters, in the metric's unit. */
  readonly drop: number;
  readonly isHigherBetter: boolean;
  /** Normal deviate of the one-sided confidence; 2.5 is 99.4 %. */
  readonly sds?: number;
  /** Value of a worthless model, such as 0.5 for AUC. Absent for a metric without bounds. */
  readonly worthless?: number;
}

/** Fewer windows do not show how far a metric varies by itself. */
export const FEWEST_WINDOWS = 3;
/** Below this share of the variance between windows, sampling explains it. */
const LEAST_SHARE = 0.35;
const MOST_CORRELATION = 0.9;
/** 99.4 %, one-sided. */
export const USUAL_SDS = 2.5;

/**
 * Judges whether a metric fell by more than matters and by more than its usual variation. The reference windows vary
 * around a level by more than sampling error (random effects, DerSimonian and Laird 1986). A new window then lies
 * within t·sqrt(spread² + its own variance + that of the level) of the level (Higgins et al. 2009). The limit is the
 * larger of that and the drop that matters, but at most the difference between the level and a worthless model.
 */
export function judgeDrop(
  references: readonly Estimate[],
  current: Estimate | undefined,
  rule: DropRule,
): DropJudgement {
  const missing = FEWEST_WINDOWS - references.length;
  if (missing > 0) return { verdict: 'undecided', missingWindows: missing };
  return judgeAgainst(referenceLevel(references), current, rule);
}

/** The same against a level that is already known. */
export function judgeAgainst(known: ReferenceLevel, current: Estimate | undefined, rule: DropRule): DropJudgement {
  if (current === undefined) return { verdict: 'undecided' };
  const { level, levelVariance, spreadVariance, freedom } = known;
  const sds = rule.sds ?? USUAL_SDS;
  const sampling = sds * Math.sqrt(current.standardError ** 2 + levelVariance);
  const reach = Math.sqrt(spreadVariance + current.standardError ** 2 + levelVariance);
  const room = roomBelow(level, rule);
  const limit = Math.min(Math.max(rule.drop, studentQuantile(sds, freedom) * reach), room);
  const fall = rule.isHigherBetter ? level - current.value : current.value - level;
  const isDrift = fall > Math.max(limit, sampling);
  const isBlind = !isDrift && sampling > room;
  return {
    verdict: isDrift ? 'drift' : isBlind ? 'undecided' : 'stable',
    reference: level,
    fall,
    limit,
    spread: Math.sqrt(spreadVariance),
    isBlind: isBlind || undefined,
  };
}

/** How far a metric can fall from a level until the model is worthless. Infinite without a bound. */
function roomBelow(level: number, { worthless, isHigherBetter }: DropRule): number {
  if (worthless === undefined) return Number.POSITIVE_INFINITY;
  const room = isHigherBetter ? level - worthless : worthless - level;
  return room > 0 ? room : Number.POSITIVE_INFINITY;
}

/**
 * Level and spread of windows ordered by time. If each window resembles the one before, they show less of the spread
 * than independent ones: k of them count as k·(1 − r)/(1 + r), with r the correlation of neighbours.
 */
export function referenceLevel(estimates: readonly Estimate[]): ReferenceLevel {
  const { level, spread, weight } = randomEffects(estimates);
  const count = estimates.length;
  const correlation = neighbourCorrelation(estimates, level, spread);
  const effective = Math.max(3, (count * (1 - correlation)) / (1 + correlation));
  const spreadVariance = spread * (((count - 1) / count) * (effective / (effective - 1)));
  return {
    level,
    levelVariance: 1 / weight + spreadVariance * (1 / effective - 1 / count),
    spreadVariance,
    freedom: Math.min(count - 1, Math.max(4, effective - 1)),
    correlation,
  };
}

function randomEffects(estimates: readonly Estimate[]) {
  // An estimate without error would outweigh all others, so the smallest error is a thousandth of the largest.
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
  const spread = Math.max(0, (q - (estimates.length - 1)) / (fixed.total - squares / fixed.total));
  const { level, total } = weigh(spread);
  return { level, weight: total, spread };
}

/**
 * Correlation of neighbours, corrected for its bias in short series (Marriott and Pope 1954). Sampling error hides it,
 * so it is divided by the share of the variance that is not sampling. If that share is small, the correlation does not
 * matter.
 */
function neighbourCorrelation(windows: readonly Estimate[], level: number, spread: number): number {
  const count = windows.length;
  const deviations = windows.map((one) => one.value - level);
  const squares = deviations.reduce((sum, one) => sum + one * one, 0);
  if (squares === 0 || count < 6) return 0;
  const products = deviations.slice(1).reduce((sum, one, i) => sum + one * (deviations[i] ?? 0), 0);
  const unbiased = ((products / squares) * count + 1) / (count - 4);
  const share = Math.min(1, (spread * count) / squares);
  return share < LEAST_SHARE ? 0 : Math.max(0, Math.min(MOST_CORRELATION, unbiased / share));
}

/** Student's t for a normal deviate z and its degrees of freedom (Abramowitz and Stegun 1964, 26.7.5). */
export function studentQuantile(z: number, df: number): number {
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  const g4 = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160;
  return z + g1 / df + g2 / df ** 2 + g3 / df ** 3 + g4 / df ** 4;
}
