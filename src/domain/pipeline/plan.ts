import type { ContentHash, ExecutionId, Fingerprint, PipelineName, RunId, StepName, WorkspacePath } from '../ids.js';

const REASON_CODES = [
  'never-ran',
  'command-changed',
  'param-changed',
  'input-changed',
  'output-missing',
  'output-changed',
  'env-changed',
  'exclusion-changed',
  'upstream-will-run',
  'forced',
  'inputs-undeclared',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** One reason a step is not fresh. `before` and `after` are shown as `old → new` where both can be said. */
export interface Reason {
  readonly code: ReasonCode;
  /** What exactly: the input's path, the param's name, the upstream step. */
  readonly detail: string;
  readonly before?: string;
  readonly after?: string;
}

/**
 * All that could change a step's result, one entry a component: `command`, `param:trees`, `env:OMP_NUM_THREADS`,
 * `input:work/rows.parquet`, `output:model`, `image`, `platform`, `now` … to its value or hash. Flat, so that two
 * of them can be compared entry by entry.
 */
export type FingerprintParts = Readonly<Record<string, string>>;

/** What the registry remembers of a step execution that succeeded. */
export interface RememberedExecution {
  readonly run: RunId;
  readonly execution: ExecutionId;
  readonly fingerprint: Fingerprint;
  readonly parts: FingerprintParts;
  readonly outputs: readonly { readonly path: WorkspacePath; readonly hash: ContentHash }[];
}

export type PlannedAction = 'skip' | 'restore' | 'run' | 'undecided';

/** What would happen to one step, and every reason. `undecided`: it hangs on the result of an upstream step that will run. */
export interface PlannedStep {
  readonly name: StepName;
  readonly action: PlannedAction;
  /** Empty for `skip`. */
  readonly reasons: readonly Reason[];
  readonly fingerprint?: Fingerprint;
  /** The run whose stored outputs a restore brings back. */
  readonly restoreFrom?: RunId;
}

export interface Plan {
  readonly pipeline: PipelineName;
  /** In an order in which they can run. */
  readonly steps: readonly PlannedStep[];
  readonly warnings: readonly string[];
}
