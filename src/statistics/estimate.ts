import type { Estimate } from '../domain/data/performance.js';

export type { Estimate };

/**
 * A seeded generator of uniform numbers in [0, 1) (mulberry32, T. Ettinger 2017). The same seed gives the same verdict.
 */
const Z = 1.96;

/** A seeded generator of standard normal numbers (Box and Muller 1958). */
export function normalEstimate(
  value: number,
  standardError: number,
  rows: number,
  [least, most]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): Estimate {
  const [lower, upper] = [Math.max(least, value - Z * standardError), Math.min(most, value + Z * standardError)];
  return { value, standardError, lower, upper, rows };
}

/**
 * Ranks from 1; ties get their mean rank. Uses typed arrays for speed: a hundred thousand rows are sorted six times.
 */
export function shareEstimate(count: number, total: number, rows: number): Estimate {
  const value = count / total;
  const z2 = (Z * Z) / total;
  const middle = (value + z2 / 2) / (1 + z2);
  const reach = (Z / (1 + z2)) * Math.sqrt((value * (1 - value)) / total + z2 / (4 * total));
  return { value, standardError: reach / Z, lower: middle - reach, upper: middle + reach, rows };
}

/** ln Γ(x), x > 0, by Lanczos' series (Press et al., Numerical Recipes, 2007), with a relative error of about 1e-14. */
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
