import type { TrainingWindow } from '../data/training-window.js';
import type { ContentHash, ExecutionId, Fingerprint, PipelineName, RunId, StepName, WorkspacePath } from '../ids.js';

const REASON_CODES = [
  'never-ran',
  'command-changed',
  'param-changed',
  'input-changed',
  'champion-changed',
  'output-missing',
  'output-changed',
  'env-changed',
  'packages-changed',
  'exclusion-changed',
  'upstream-will-run',
  'forced',
  'inputs-undeclared',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** One reason why a step is not fresh. `before` and `after` are shown as `old → new` if both are known. */
export interface Reason {
  readonly code: ReasonCode;
  /** The subject: an input's path, a param's name, an upstream step. */
  readonly detail: string;
  readonly before?: string;
  readonly after?: string;
  /** The dataset whose files or rows have changed. */
  readonly dataset?: string;
}

/**
 * Everything that can change a step's result: `command`, `param:trees`, `env:OMP_NUM_THREADS`,
 * `input:work/rows.parquet`, `output:model`, `image`, `platform`, `now` … mapped to values or hashes. Flat, so that two
 * of them can be compared entry by entry.
 */
export type FingerprintParts = Readonly<Record<string, string>>;

/** The registry's record of a successful step execution that may be reused. */
export interface RememberedExecution {
  readonly run: RunId;
  readonly execution: ExecutionId;
  readonly fingerprint: Fingerprint;
  readonly parts: FingerprintParts;
  readonly outputs: readonly { readonly path: WorkspacePath; readonly hash: ContentHash }[];
}

export type PlannedAction = 'skip' | 'restore' | 'run' | 'undecided';

/**
 * What would happen to one step, with every reason. `undecided`: it depends on the result of an upstream step that will
 * run.
 */
export interface PlannedStep {
  readonly name: StepName;
  readonly action: PlannedAction;
  /** Empty for `skip`. */
  readonly reasons: readonly Reason[];
  readonly fingerprint?: Fingerprint;
  /** Of a step below one that will run: what has changed besides, as far as that can be told already. */
  readonly ownChanges?: readonly Reason[];
  /** The run whose stored outputs are restored. */
  readonly restoreFrom?: RunId;
}

export interface Plan {
  readonly pipeline: PipelineName;
  /** In an order in which they can run. */
  readonly steps: readonly PlannedStep[];
  /** Of the datasets that have a window. */
  readonly windows: readonly TrainingWindow[];
  readonly warnings: readonly string[];
}
