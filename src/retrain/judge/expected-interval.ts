import { type Instant, MINUTE_MS } from '../../domain/support/time.js';
import { medianHigh } from '../../statistics/quantiles.js';

/** With fewer ticks no interval is computed. */
const LEAST = 7;
/** This share of the intervals must lie within a factor of two of the median. Manual calls do not. */
const REGULAR = 0.75;

/** The median interval in ms of something that happens regularly; `undefined` if it is not regular. */
export function expectedInterval(newestFirst: readonly Instant[]): number | undefined {
  const intervals = newestFirst.slice(0, -1).map((at, i) => at - (newestFirst[i + 1] ?? at));
  if (newestFirst.length < LEAST) return undefined;
  const usual = medianHigh(intervals) ?? 0;
  const regular = intervals.filter((one) => one >= usual / 2 && one <= usual * 2).length;
  return usual >= MINUTE_MS && regular >= REGULAR * intervals.length ? usual : undefined;
}
