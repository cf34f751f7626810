import type { Failure } from '../failure.js';
import type { DecisionId } from '../ids.js';
import type { VersionRef } from '../models/model.js';
import type { Instant } from '../support/time.js';
import type { OperatorAction, Tick } from './tick.js';

/** The owner of a pipeline, and the last thing that a person did to it. */
export interface Care {
  readonly owner?: string;
  readonly reviewEveryMs?: number;
  readonly reviewed?: { readonly at: Instant; readonly what: string; readonly actor: string; readonly ageMs: number };
  /** The last action of a person is longer ago than the pipeline allows, or there was none. */
  readonly isReviewDue: boolean;
}

/** What needs a person's attention. */
export interface Attention {
  readonly paused?: { readonly by: OperatorAction } | { readonly because: string };
  /** Why no training happens on the current data. */
  readonly held?: string;
  /** What it would do, if it only suggests. */
  readonly suggested?: string;
  /** The last training, if it failed. Its triggers are still armed. */
  readonly failed?: FailedTraining;
  /** The last training, if the gate refused its candidate. */
  readonly refused?: RefusedTraining;
  readonly tick?: Tick & { readonly ageMs: number };
  /** The expected interval between ticks: declared, or computed from earlier ticks. */
  readonly everyMs?: number;
  readonly isEveryDeclared: boolean;
  /** A tick is overdue. */
  readonly isSilent: boolean;
}

/** A training that failed, with the end of the log that says why. */
export interface FailedTraining {
  readonly decision: DecisionId;
  /** Absent if the process died before it could say what went wrong. */
  readonly failure?: Failure;
  readonly inARow: number;
}

/** Candidates that the gate refused in a row, and why it refused the last one. */
export interface RefusedTraining {
  readonly decision: DecisionId;
  readonly inARow: number;
  /** So many pause the pipeline. */
  readonly pauseAfter: number;
  readonly candidate?: VersionRef;
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
  /** What delays the next training for the same reason. */
  readonly delayed?: string;
}
