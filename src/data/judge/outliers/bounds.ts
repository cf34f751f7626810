import type { OutlierPolicy } from '../../../domain/pipeline/data-checks.js';
import { quantile } from '../../../statistics/quantiles.js';

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** Used where the policy names no limit: a robust z, a multiple of the spread, a share at either end. */
const LIMITS: Readonly<Record<OutlierPolicy['method'], number>> = { mad: 3.5, iqr: 3, quantile: 0.001 };

/** The policy's limit, or the method's default. */
export const limitOf = ({ method, limit }: Pick<OutlierPolicy, 'method' | 'limit'>): number => limit ?? LIMITS[method];

/**
 * The bounds outside of which a value is an outlier. `quantiles` are the column's values at equally spaced ranks, both
 * ends included; of a short column every value, sorted. `undefined` where they give no bounds: without a value, or with
 * so many equal ones that the spread is 0 and every other value would be an outlier.
 */
export function outlierBounds(
  quantiles: readonly number[],
  policy: Pick<OutlierPolicy, 'method' | 'limit'>,
): Bounds | undefined {
  if (quantiles.length === 0) return undefined;
  const limit = limitOf(policy);
  if (policy.method === 'mad') return madBounds(quantiles, limit);
  return policy.method === 'iqr' ? fences(quantiles, limit) : tails(quantiles, limit);
}

/** 0.6745·|x − median| / MAD > limit, MAD the median of |x − median| (Iglewicz and Hoaglin 1993; 3.5 is their limit). */
function madBounds(quantiles: readonly number[], limit: number): Bounds | undefined {
  const middle = quantile(quantiles, 0.5);
  const deviations = quantiles.map((value) => Math.abs(value - middle)).sort((a, b) => a - b);
  return around(middle, middle, (limit * quantile(deviations, 0.5)) / 0.6745);
}

/** Below Q1 − limit·(Q3 − Q1) or above Q3 + limit·(Q3 − Q1): the fences of Tukey (1977), inner at 1.5 and outer at 3. */
function fences(quantiles: readonly number[], limit: number): Bounds | undefined {
  const [first, third] = [quantile(quantiles, 0.25), quantile(quantiles, 0.75)];
  return around(first, third, limit * (third - first));
}

/** The quantiles at `limit` and `1 − limit`. That share of the reference's own rows lies outside at either end. */
const tails = (quantiles: readonly number[], limit: number): Bounds => ({
  lower: quantile(quantiles, limit),
  upper: quantile(quantiles, 1 - limit),
});

const around = (lower: number, upper: number, reach: number): Bounds | undefined =>
  reach > 0 && Number.isFinite(lower - reach) && Number.isFinite(upper + reach)
    ? { lower: lower - reach, upper: upper + reach }
    : undefined;
