import type { DecidedWindows } from '../data/training-window.js';
import type { DecisionId, GateVerdictId, PipelineName, RunId } from '../ids.js';
import type { Json } from '../support/json.js';
import type { Instant } from '../support/time.js';

export const DECISION_KINDS = ['retrain', 'wait', 'hold', 'suggest', 'paused'] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** The evaluated condition tree: every node with its measured value and limit. */
export interface EvaluatedCondition {
  /** `any`, `all`, `not`, or the trigger: `new_data`, `no-champion`, `forced`, `data-bug`, `cooldown`, `limit` … */
  readonly condition: string;
  /**
   * `undecided`: could not be measured. Does not fire, and `detail` says why. `suggests`: holds, but is no reason to
   * train by itself.
   */
  readonly state: 'fired' | 'suggests' | 'not-fired' | 'undecided';
  readonly measured?: Json;
  readonly threshold?: Json;
  readonly detail?: string;
  /** Start of the change that caused it, if known. */
  readonly since?: Instant;
  /** End of the window that was measured. `for: 2 of 3` counts distinct windows. */
  readonly windowEnd?: Instant;
  /** Whether it held in that window, before `for` and earlier trainings are considered. */
  readonly held?: boolean;
  /** Identifies the declared trigger, the same in every evaluation. */
  readonly key?: string;
  /** Ids of what it would train for, derived only from the facts, so that nothing is trained for twice. */
  readonly ids?: readonly string[];
  /** Since when it has held, ignoring short breaks, and when it last held. */
  readonly heldPeriod?: HeldPeriod;
  readonly of?: readonly EvaluatedCondition[];
}

interface DecidedDrift {
  readonly verdict: 'drift' | 'stable' | 'undecided';
  /** Columns that drift. */
  readonly drifted: readonly string[];
  readonly total: number;
}

/** A period in which a trigger held. */
export interface HeldPeriod {
  readonly from: Instant;
  readonly heldAt: Instant;
  /** A later evaluation did not find that it holds. */
  readonly isInterrupted?: boolean;
}

/** A decision in the future of the clock, and why it lies there. */
export interface FutureDecision extends RetrainDecision {
  readonly cause: 'clock-ahead' | 'simulated';
}

/** One decision in the ledger, also a "no". Appended, never changed. */
export interface RetrainDecision {
  readonly id: DecisionId;
  readonly pipeline: PipelineName;
  readonly decision: DecisionKind;
  readonly because: EvaluatedCondition;
  /** The declared conditions as evaluated, also if something else decided: a hold, a pause, `--force`. */
  readonly conditions?: EvaluatedCondition;
  /** The drift report of the same check. */
  readonly drift?: DecidedDrift;
  /** Changes that were known, and the rows that a training reads. Only where a dataset's window depends on them. */
  readonly windows?: DecidedWindows;
  /** One sentence. */
  readonly summary: string;
  readonly actor: string;
  readonly decidedAt: Instant;
  readonly now: Instant;
  /** Version of the champion at the decision. */
  readonly championVersion?: number;
}

export const DECISION_OUTCOMES = [
  'published',
  'gate-refused',
  'nothing-new',
  'failed',
  'pending-approval',
  'registered',
  /** The gate passed, but a person had rolled this version back. Only a person can serve it again. */
  'rolled-back-before',
  /** The gate passed, but a person has rejected this version. */
  'rejected-before',
] as const;

/** The outcome of a decision to retrain, appended when it is known. */
export interface DecisionOutcome {
  readonly decision: DecisionId;
  readonly outcome: (typeof DECISION_OUTCOMES)[number];
  readonly run?: RunId;
  readonly candidateVersion?: number;
  readonly gate?: GateVerdictId;
  readonly from?: number;
  readonly to?: number;
  readonly at: Instant;
}
