import { formatDuration, MINUTE_MS, SECOND_MS } from '../domain/support/time.js';

/** Only what is longer than usual by this much is said: times of runs differ. */
const OVERRUN_SHARE = 0.2;
const LEAST_OVERRUN_MS = 2 * SECOND_MS;

/** `usually about 4m`, or `3m longer than usual` once it is. */
export function expectationText(elapsedMs: number, usualMs: number): string {
  const over = overrunMs(elapsedMs, usualMs);
  return over === undefined ? usualText(usualMs) : `${rounded(over)} longer than usual`;
}

export const usualText = (usualMs: number): string => `usually about ${rounded(usualMs)}`;

/** How much longer than usual it is, if that is worth a word. */
export function overrunMs(elapsedMs: number, usualMs: number): number | undefined {
  const over = elapsedMs - usualMs;
  return over > Math.max(LEAST_OVERRUN_MS, OVERRUN_SHARE * usualMs) ? over : undefined;
}

/** Whole seconds, and whole minutes from ten minutes on. */
const rounded = (ms: number): string => {
  const unit = ms < 10 * MINUTE_MS ? SECOND_MS : MINUTE_MS;
  return formatDuration(Math.max(SECOND_MS, Math.round(ms / unit) * unit));
};
