import type { Instant } from './support/time.js';

export interface When {
  readonly now: Instant;
  readonly isNowGiven: boolean;
}
