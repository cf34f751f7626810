import type { PipelineName } from '../../domain/ids.js';
import type { Instant } from '../../domain/support/time.js';

export interface BacktestOptions {
  readonly from: Instant;
  readonly to: Instant;
  readonly everyMs: number;
  /** Interval of the policy that trains on fixed dates. */
  readonly calendarMs: number;
}

/** Folder of the backtests' workspaces, one for each pipeline. */
export const BACKTESTS = '.refit/backtest';

/** Name of the lock held while a replay works in its workspace. */
export const backtestLock = (pipeline: string): PipelineName => `${pipeline}.backtest` as PipelineName;
