import type { EvaluatedCondition } from '../../../domain/decisions/decision.js';
import type { Instant } from '../../../domain/support/time.js';

/** A trigger as measured now, before `for` and before earlier trainings are considered. */
export interface Seen extends EvaluatedCondition {
  /**
   * Identifies countable occasions: a due time, a promotion, an event. Without it the trigger is a state that holds for
   * a while.
   */
  readonly occasions?: readonly string[];
  /**
   * The fall in performance that the trigger reports. `opened` identifies it; `since` is when it began, as far as known.
   */
  readonly fall?: { readonly opened: Instant; readonly since: Instant };
}

/** The state of a condition that can be told. */
export const stateOf = (isFired: boolean): EvaluatedCondition['state'] => (isFired ? 'fired' : 'not-fired');

/** Whether the condition holds, even if that is not enough to train. */
export const isHeld = ({ state }: Pick<EvaluatedCondition, 'state'>): boolean =>
  state === 'fired' || state === 'suggests';
