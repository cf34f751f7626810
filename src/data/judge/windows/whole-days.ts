import { DAY_MS } from '../../../domain/support/time.js';

/** Windows from this length on have whole days, … */
const LEAST_DAYS = 2.5 * DAY_MS;
/** … and whole weeks if they lack at most so many days at their ends, where nobody works. */
const FREE_DAYS = 2;

/**
 * The length of a window that is only known from its first to its last row, of which nights and closed days cut off some.
 * Earlier windows as long would begin at other hours and weekdays.
 */
export function wholeDays(lengthMs: number): number {
  if (lengthMs < LEAST_DAYS) return lengthMs;
  const days = Math.ceil(lengthMs / DAY_MS);
  const weeks = Math.ceil(days / 7);
  return (7 * weeks - days <= FREE_DAYS ? 7 * weeks : days) * DAY_MS;
}
