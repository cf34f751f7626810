import { HOUR_MS } from './time.js';

/**
 * Pause in milliseconds after attempt number `failed` (from 1) of a step, a hook or a notice: doubled each time, up to one
 * hour or `delayMs`, if that is longer.
 */
export const doublingPauseMs = (delayMs: number, failed: number): number =>
  Math.min(delayMs * 2 ** (failed - 1), Math.max(HOUR_MS, delayMs));
