import type { DecisionId, PipelineName } from '../ids.js';
import type { Instant } from '../support/time.js';

/** One call of `refit retrain`, whatever came of it: that it was made at all is worth knowing. */
export interface Tick {
  readonly pipeline: PipelineName;
  readonly actor: string;
  readonly startedAt: Instant;
  readonly now: Instant;
  /** Absent while it works, and of one that died without a word. */
  readonly end?: TickEnd;
}

export interface TickEnd {
  readonly decision?: DecisionId;
  /** Code of the failure that kept it from deciding, or from ending well: `busy`, `data-unreadable`, `bug` … */
  readonly problem?: string;
  readonly detail?: string;
  readonly endedAt: Instant;
}

export const ACT_KINDS = ['pause', 'resume', 'review'] as const;

/** What a human did with a pipeline as a whole. */
export interface PipelineAct {
  readonly pipeline: PipelineName;
  readonly kind: (typeof ACT_KINDS)[number];
  readonly reason: string;
  readonly actor: string;
  readonly actedAt: Instant;
  readonly now: Instant;
}

/** Something that happened outside, told by `refit trigger`; its key tells it from the next one of that name. */
export interface TriggerEvent {
  readonly pipeline: PipelineName;
  readonly name: string;
  readonly key: string;
  readonly actor: string;
  readonly recordedAt: Instant;
  readonly now: Instant;
}
