import type { Instant } from '../support/time.js';
import type { PipelineAct, Tick } from './tick.js';

/** The owner of a pipeline, and the last act of a person on it. */
export interface Care {
  readonly owner?: string;
  readonly reviewEveryMs?: number;
  readonly reviewed?: { readonly at: Instant; readonly what: string; readonly actor: string; readonly ageMs: number };
  /** The last act of a person is longer ago than the pipeline allows, or there was none. */
  readonly isReviewDue: boolean;
}

/** What needs a person's attention. */
export interface Attention {
  readonly paused?: { readonly by: PipelineAct } | { readonly because: string };
  /** Why no training happens on the current data. */
  readonly held?: string;
  /** What it would do, if it only suggests. */
  readonly suggested?: string;
  readonly tick?: Tick & { readonly ageMs: number };
  /** The expected interval between ticks: declared, or computed from earlier ticks. */
  readonly everyMs?: number;
  readonly isEveryDeclared: boolean;
  /** A tick is overdue. */
  readonly isSilent: boolean;
}
