import type { Failure } from '../failure.js';

/** A recorded input that is not available with the same bytes any more. */
export interface LostInput {
  readonly step: string;
  readonly path: string;
  readonly expected: string;
  /** Hash of the file now at its path in the workspace. `undefined` if there is none. */
  readonly found?: string;
}

/** A value that differs. A side without the value is absent. */
export interface Deviation {
  readonly kind: 'output' | 'metric' | 'input' | 'score';
  readonly name: string;
  readonly recorded?: string | number;
  readonly now?: string | number;
}

/** One step of the recorded run compared with its repetition. */
export interface StepReproduction {
  readonly step: string;
  /** `not-run`: a step before it failed. */
  readonly result: 'same' | 'differs' | 'failed' | 'not-run';
  readonly deviations: readonly Deviation[];
  readonly failure?: Failure;
}

/** A run repeated from its recorded commit, changes and inputs, and compared. */
export interface Reproduction {
  readonly subject: string;
  readonly run: string;
  readonly commit?: string;
  /** `impossible`: an input is lost, and nothing was run. */
  readonly verdict: 'same' | 'differs' | 'impossible';
  readonly lost: readonly LostInput[];
  readonly steps: readonly StepReproduction[];
  readonly scores: readonly Deviation[];
  /** Differences between this machine and the recorded one, which often explain deviations. */
  readonly environment: readonly Deviation[];
  /** Why the code is not exactly that of a commit. */
  readonly note?: string;
  readonly kept?: string;
}
