import type { Estimate } from '../domain/data/performance.js';

export type { Estimate };

/** Half the width of a two-sided 95 % interval, in standard deviations. */
const Z = 1.96;

/** A normal 95 % interval, kept within the metric's range. */
export function normalEstimate(
  value: number,
  standardError: number,
  rows: number,
  [least, most]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): Estimate {
  const [lower, upper] = [Math.max(least, value - Z * standardError), Math.min(most, value + Z * standardError)];
  return { value, standardError, lower, upper, rows };
}

/** A share of `total` with Wilson's 95 % interval (1927), which has a width even at 0 and 1. */
export function shareEstimate(count: number, total: number, rows: number): Estimate {
  const value = count / total;
  const z2 = (Z * Z) / total;
  const middle = (value + z2 / 2) / (1 + z2);
  const reach = (Z / (1 + z2)) * Math.sqrt((value * (1 - value)) / total + z2 / (4 * total));
  return { value, standardError: reach / Z, lower: middle - reach, upper: middle + reach, rows };
}

/** A mean over rows with an interval from the spread of the rows. */
export function meanEstimate(values: Float64Array, range?: readonly [number, number]): Estimate {
  const { mean, variance } = meanAndVariance(values);
  return normalEstimate(mean, Math.sqrt(variance / values.length), values.length, range);
}

/** Mean and sample variance, in two passes. */
export function meanAndVariance(values: Float64Array): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, variance: values.length < 2 ? 0 : squares / (values.length - 1) };
}
