import type { Clock } from './ports/platform.js';
import type { Instant } from './support/time.js';

export interface When {
  readonly now: Instant;
  readonly isNowGiven: boolean;
}

/** The time after waiting for a lock: meanwhile others may have decided or published. A given time stays. */
export const timedNow = <T extends When>({ clock }: { readonly clock: Clock }, when: T): T =>
  when.isNowGiven ? when : { ...when, now: clock.now() };
