import type { PipelineName } from '../../domain/ids.js';
import type { Instant } from '../../domain/support/time.js';

export interface BacktestOptions {
  readonly from: Instant;
  readonly to: Instant;
  readonly everyMs: number;
  /** Of the policy that trains by the calendar. */
  readonly calendarMs: number;
}

/** Where the workspaces of backtests lie, one a pipeline. */
export const BACKTESTS = '.refit/backtest';

/** Held while a replay works in its workspace. */
export const backtestLock = (pipeline: string): PipelineName => `${pipeline}.backtest` as PipelineName;
