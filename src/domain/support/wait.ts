import { setTimeout as delay } from 'node:timers/promises';

/** Node fires a timer with a longer delay after 1 ms. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Resolves after `ms` milliseconds of any length, or at once when the signal aborts. */
export async function waitFor(ms: number, signal?: AbortSignal): Promise<void> {
  for (let leftMs = ms; leftMs > 0 && signal?.aborted !== true; leftMs -= LONGEST_TIMER_MS)
    await delay(Math.min(leftMs, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined);
}
