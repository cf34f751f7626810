import { normalQuantile } from '../../../statistics/normal.js';

/**
 * Confidence with which a change must exceed its effect size: one-sided, 90 %. Without it, noise would make a change
 * just below the effect size count in small windows, but never in large ones.
 */
const SURELY = -normalQuantile(0.1);

/** Effect sizes: how large a change must be to be worth acting on, no matter how certain it is. */
export const EFFECTS = {
  /** The mean of a normal column moves by a sixth of its deviation, or its deviation grows by a third. */
  ks: 0.065,
  /** For total variation, the largest move of one cell, and missing and new values: five rows in a hundred. */
  share: 0.05,
  wasserstein: 0.1,
  jensen_shannon: 0.1,
  psi: 0.1,
  kullback_leibler: 0.1,
  hellinger: 0.1,
  /** Σ(p − q)²/p̄. With equal rows in both windows this is Cramér's V 0.1. */
  chi_square: 0.04,
  /** A rate in a column of two values rises by more than a third, or falls by more than a quarter. */
  rate_ratio: 4 / 3,
  /** The share of one of many values changes by more than half. */
  value_ratio: 1.5,
  /** One of many values counts if it has at least this share of the rows. */
  value_share: 0.01,
} as const;

/** The smallest estimate with this standard error that shows a true size above `effect`. */
export const shownAbove = (effect: number, standardError: number): number => effect + SURELY * standardError;

/** Standard error of the difference between two samples of a share, with e = 1/n + 1/m. */
export const shareError = (share: number, e: number): number => Math.sqrt(Math.max(0, share * (1 - share)) * e);

/**
 * Smallest distance Σ|p − q|/2 that shows an effect. Sampling alone gives the distance a mean. It adds to the true
 * distance in squares, because the noise of each cell is independent of its change.
 */
export const shownAboveNoise = (effect: number, standardError: number, noDriftMean: number): number =>
  Math.hypot(shownAbove(effect, standardError), noDriftMean);

/**
 * Smallest value that shows an effect, for a statistic that is `unit`·χ² with `freedom` degrees of freedom without
 * drift. With drift it is a noncentral χ²: mean unit·freedom + effect, variance unit²·(2·freedom + 4·effect/unit).
 */
export function shownAboveChiSquare(effect: number, unit: number, freedom: number): number {
  const standardError = unit * Math.sqrt(2 * freedom + (4 * effect) / unit);
  return unit * freedom + shownAbove(effect, standardError);
}
