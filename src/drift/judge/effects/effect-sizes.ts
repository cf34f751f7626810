import { normalQuantile } from '../../../statistics/normal.js';

/**
 * How surely a change must be larger than its effect size: one-sided, 90 %. Without it a change just below the limit would
 * be found in small windows, by their noise, and never in large ones.
 */
const SURELY = -normalQuantile(0.1);

/** Effect sizes: how large a change must be to be worth acting on, however surely it is there. */
export const EFFECTS = {
  /** A normal column has moved by a sixth of its deviation, or its deviation has grown by a third. */
  ks: 0.065,
  /** Of total variation, of the largest move of one cell, and of missing and unseen values: five rows of a hundred. */
  share: 0.05,
  wasserstein: 0.1,
  jensen_shannon: 0.1,
  psi: 0.1,
  kullback_leibler: 0.1,
  hellinger: 0.1,
  /** Σ(p − q)²/p̄; Cramér's V 0.1 where both windows have the same rows. */
  chi_square: 0.04,
  /** A rate in a column of two values has risen by more than a third, or fallen by more than a quarter. */
  rate_ratio: 4 / 3,
  /** The share of one value of many has changed by more than half. */
  value_ratio: 1.5,
  /** A value of many counts from this share of the rows on. */
  value_share: 0.01,
} as const;

/** The estimate that shows that the true size is larger than `effect`, for a standard error. */
export const shownAbove = (effect: number, standardError: number): number => effect + SURELY * standardError;

/** Standard error of the difference of two shares of `share`, e = 1/n + 1/m. */
export const shareError = (share: number, e: number): number => Math.sqrt(Math.max(0, share * (1 - share)) * e);

/**
 * Least distance Σ|p − q|/2 that shows an effect. Sampling alone gives the distance a mean, which adds to the true one in
 * squares: the noise of each cell is independent of its change.
 */
export const shownAboveNoise = (effect: number, standardError: number, noDriftMean: number): number =>
  Math.hypot(shownAbove(effect, standardError), noDriftMean);

/**
 * Least value of a statistic that is `unit`·χ² with `freedom` degrees of freedom without drift, and so a noncentral χ² with
 * it: mean unit·freedom + effect, variance unit²·(2·freedom + 4·effect/unit).
 */
export function shownAboveChiSquare(effect: number, unit: number, freedom: number): number {
  const standardError = unit * Math.sqrt(2 * freedom + (4 * effect) / unit);
  return unit * freedom + shownAbove(effect, standardError);
}
