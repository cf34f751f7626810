import type { Clock } from '../domain/ports/platform.js';
import { instantOf } from '../domain/support/time.js';

/** The wall clock, and a monotonic one for durations. */
export const createClock = (): Clock => ({
  now: () => instantOf(Date.now()),
  monotonicMs: () => performance.now(),
});
