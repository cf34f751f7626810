import type { DecisionId, PipelineName } from '../ids.js';
import type { Instant } from '../support/time.js';

/** One call of `refit retrain`, whatever its result. The call itself is worth recording. */
export interface Tick {
  readonly pipeline: PipelineName;
  readonly actor: string;
  readonly startedAt: Instant;
  readonly now: Instant;
  /** Absent while it runs, and for a process that died. */
  readonly end?: TickEnd;
}

export interface TickEnd {
  readonly decision?: DecisionId;
  /** Code of the failure that stopped it before or after the decision: `busy`, `data-unreadable`, `bug` … */
  readonly problem?: string;
  readonly detail?: string;
  readonly endedAt: Instant;
}

export const OPERATOR_ACTIONS = ['pause', 'resume', 'review'] as const;

/** What a person did to a whole pipeline: paused, resumed or reviewed it. */
export interface OperatorAction {
  readonly pipeline: PipelineName;
  readonly kind: (typeof OPERATOR_ACTIONS)[number];
  readonly reason: string;
  readonly actor: string;
  readonly actedAt: Instant;
  readonly now: Instant;
}

/** An outside event reported with `refit trigger`. Its key distinguishes events with the same name. */
export interface TriggerEvent {
  readonly pipeline: PipelineName;
  readonly name: string;
  readonly key: string;
  readonly actor: string;
  readonly recordedAt: Instant;
  readonly now: Instant;
}
