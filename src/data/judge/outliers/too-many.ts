import type { NumericProfile } from '../../../domain/data/profile.js';
import type { OutlierPolicy } from '../../../domain/pipeline/data-checks.js';
import type { Bounds } from './bounds.js';

/**
 * Largest share of outliers where none is declared. A column of several groups, or with a heavy tail, has more values
 * outside its bounds.
 */
export const MAX_SHARE = 0.01;
/** In a small table this many rows may be outliers, whatever their share. */
const LEAST_ROWS = 5;

/** Share of a column's values outside these bounds, 0…1, by its kept ranks. */
export function shareOutside({ quantiles }: Pick<NumericProfile, 'quantiles'>, { lower, upper }: Bounds): number {
  const outside = quantiles.filter((value) => value < lower || value > upper).length;
  return outside / Math.max(1, quantiles.length);
}

/**
 * Whether this share is too large for its values to be outliers. The method `quantile` cuts off the share that it is
 * told to, so it has too many only where a largest share is declared.
 */
export function isTooMany(share: number, rows: number, policy: Pick<OutlierPolicy, 'method' | 'maxShare'>): boolean {
  if (policy.maxShare !== undefined) return share > policy.maxShare;
  return policy.method !== 'quantile' && share > MAX_SHARE && share * rows > LEAST_ROWS;
}
