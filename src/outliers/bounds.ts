import type { OutlierPolicy } from '../domain/pipeline.js';
import type { NumericProfile } from '../domain/profile.js';

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** 0.6745·|x − median|/MAD > 3.5 (Iglewicz and Hoaglin 1993), Tukey's outer fences, or the middle 99.8 %. */
export function outlierBounds(numeric: NumericProfile, method: OutlierPolicy['method']): Bounds | undefined {
  const at = (rank: number): number => numeric.quantiles[Math.round(rank * (numeric.quantiles.length - 1))] ?? 0;
  if (numeric.quantiles.length === 0) return undefined;
  if (method === 'quantile') return { lower: at(0.001), upper: at(0.999) };
  if (method === 'iqr') {
    const spread = at(0.75) - at(0.25);
    return spread === 0 ? undefined : { lower: at(0.25) - 3 * spread, upper: at(0.75) + 3 * spread };
  }
  const median = at(0.5);
  const deviations = numeric.quantiles.map((value) => Math.abs(value - median)).sort((a, b) => a - b);
  const mad = deviations[Math.floor(deviations.length / 2)] ?? 0;
  const reach = (3.5 * mad) / 0.6745;
  // half the values are one value: every other would be called an outlier
  return mad === 0 ? undefined : { lower: median - reach, upper: median + reach };
}
