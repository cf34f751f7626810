import type { Failure } from '../failure.js';

/** An input that was recorded and cannot be had with the same bytes any more. */
export interface LostInput {
  readonly step: string;
  readonly path: string;
  readonly expected: string;
  /** Hash of what lies at its place in the workspace; `undefined` where nothing does. */
  readonly found?: string;
}

/** A value that came out otherwise. A side that does not have it is absent. */
export interface Deviation {
  readonly kind: 'output' | 'metric' | 'input' | 'score';
  readonly name: string;
  readonly recorded?: string | number;
  readonly now?: string | number;
}

/** One step of the recorded run beside its repetition. */
export interface StepReproduction {
  readonly step: string;
  /** `not-run`: something before it failed. */
  readonly result: 'same' | 'differs' | 'failed' | 'not-run';
  readonly deviations: readonly Deviation[];
  readonly failure?: Failure;
}

/** A run made again from its recorded commit, changes and inputs, and compared. */
export interface Reproduction {
  readonly subject: string;
  readonly run: string;
  readonly commit?: string;
  /** `impossible`: an input is lost; nothing was run. */
  readonly verdict: 'same' | 'differs' | 'impossible';
  readonly lost: readonly LostInput[];
  readonly steps: readonly StepReproduction[];
  readonly scores: readonly Deviation[];
  /** How this machine differs from the one of then: often the reason. */
  readonly environment: readonly Deviation[];
  /** Why the code is not that of a commit, where it is not. */
  readonly note?: string;
  readonly kept?: string;
}
