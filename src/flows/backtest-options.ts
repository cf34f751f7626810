import type { Instant } from '../domain/time.js';

export interface BacktestOptions {
  readonly from: Instant;
  readonly to: Instant;
  readonly everyMs: number;
  /** Of the policy that trains by the calendar. */
  readonly calendarMs: number;
}
