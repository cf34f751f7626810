import type { Instant } from '../support/time.js';
import type { PipelineAct, Tick } from './tick.js';

/** Whom to ask about a pipeline, and when a human last did something with it. */
export interface Care {
  readonly owner?: string;
  readonly reviewEveryMs?: number;
  readonly reviewed?: { readonly at: Instant; readonly what: string; readonly actor: string; readonly ageMs: number };
  /** Nobody has looked for longer than the pipeline asks for. */
  readonly isReviewDue: boolean;
}

/** What is to be looked at before anything else. */
export interface Attention {
  readonly paused?: { readonly by: PipelineAct } | { readonly because: string };
  /** Why nothing is trained on this data. */
  readonly held?: string;
  /** What it would do, where it only suggests. */
  readonly suggested?: string;
  readonly tick?: Tick & { readonly ageMs: number };
  /** How often there should be a tick: as declared, or as often as there was one. */
  readonly everyMs?: number;
  readonly isEveryDeclared: boolean;
  /** It was not called when it should have been. */
  readonly isSilent: boolean;
}
