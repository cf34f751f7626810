import type { DecisionId, GateVerdictId, PipelineName, RunId } from '../ids.js';
import type { Json } from '../support/json.js';
import type { Instant } from '../support/time.js';

export const DECISION_KINDS = ['retrain', 'wait', 'hold', 'suggest', 'paused'] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** The condition tree as it was evaluated: every node with what was measured and the limit. */
export interface EvaluatedCondition {
  /** `any`, `all`, `not`, or the trigger: `new_data`, `no-champion`, `forced`, `data-bug`, `cooldown`, `limit` … */
  readonly condition: string;
  /**
   * `undecided`: it could not be measured; it does not fire, and says why in `detail`. `suggests`: it holds, and is no
   * reason to train by itself.
   */
  readonly state: 'fired' | 'suggests' | 'not-fired' | 'undecided';
  readonly measured?: Json;
  readonly threshold?: Json;
  readonly detail?: string;
  /** Start of the change behind it, where known. */
  readonly since?: Instant;
  /** End of the window it was measured on: `for: 2 of 3` counts distinct windows. */
  readonly windowEnd?: Instant;
  /** Whether it held in that window, whatever `for` and earlier trainings make of it. */
  readonly held?: boolean;
  /** Which declared trigger it is, whatever it measured: the same in every evaluation. */
  readonly key?: string;
  /** What it would train for, by ids that follow from the facts alone: the same one never trains twice. */
  readonly ids?: readonly string[];
  /** Since when it has held, apart from short breaks, and when it last did. */
  readonly heldPeriod?: HeldPeriod;
  readonly of?: readonly EvaluatedCondition[];
}

interface DecidedDrift {
  readonly verdict: 'drift' | 'stable' | 'undecided';
  /** Columns that drift. */
  readonly drifted: readonly string[];
  readonly total: number;
}

/** A time in which a trigger held. */
export interface HeldPeriod {
  readonly from: Instant;
  readonly heldAt: Instant;
}

/** A row of the ledger, "no" included; appended, never changed. */
export interface RetrainDecision {
  readonly id: DecisionId;
  readonly pipeline: PipelineName;
  readonly decision: DecisionKind;
  readonly because: EvaluatedCondition;
  /** The declared conditions as evaluated, also where something else decided: a hold, a pause, `--force`. */
  readonly conditions?: EvaluatedCondition;
  /** What check-drift said in the same look. */
  readonly drift?: DecidedDrift;
  /** One sentence. */
  readonly summary: string;
  readonly actor: string;
  readonly decidedAt: Instant;
  readonly now: Instant;
  /** Champion when it was decided. */
  readonly championVersion?: number;
}

/** What came of a decision to retrain; appended when it is known. */
export interface DecisionOutcome {
  readonly decision: DecisionId;
  readonly outcome:
    | 'published'
    | 'gate-refused'
    | 'nothing-new'
    | 'failed'
    | 'pending-approval'
    | 'registered'
    /** It passed, but a human went back from this very version: only a human serves it again. */
    | 'rolled-back-before'
    /** It passed, but a human has rejected this very version. */
    | 'rejected-before';
  readonly run?: RunId;
  readonly candidateVersion?: number;
  readonly gate?: GateVerdictId;
  readonly from?: number;
  readonly to?: number;
  readonly at: Instant;
}
