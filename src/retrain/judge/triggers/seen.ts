import type { EvaluatedCondition } from '../../../domain/decisions/decision.js';
import type { Instant } from '../../../domain/support/time.js';

/** A trigger as measured now, before `for` and before what has already been trained for. */
export interface Seen extends EvaluatedCondition {
  /**
   * What exactly has happened, where it is a countable thing: a due time, a promotion, an event. Without it the trigger is
   * a state that lasts: it holds for a while, and then no longer.
   */
  readonly occasions?: readonly string[];
  /** The fall in performance that it is about: what identifies it, and when it began as far as that is known. */
  readonly fall?: { readonly opened: Instant; readonly since: Instant };
}

export const stateOf = (isFired: boolean): EvaluatedCondition['state'] => (isFired ? 'fired' : 'not-fired');

/** It holds, whether or not that is enough to train. */
export const isHeld = ({ state }: Pick<EvaluatedCondition, 'state'>): boolean =>
  state === 'fired' || state === 'suggests';
