import type { TrainingWindow } from '../data/training-window.js';
import type { Failure } from '../failure.js';
import type { StepName } from '../ids.js';
import type { ExecutorName } from '../pipeline/executor.js';
import type { Reason } from '../pipeline/plan.js';
import type { Instant } from '../support/time.js';
import type { RunParents } from './parents.js';
import type { Run, RunTrigger, StepExecution, StepStatus } from './run.js';

export interface RunOptions {
  readonly now: Instant;
  readonly isNowGiven: boolean;
  readonly trigger: RunTrigger;
  /** How many steps run at a time. Defaults to the number of processors; jobs of an engine are then not counted. */
  readonly jobs?: number;
  /** Where all steps run, instead of what each says. */
  readonly executor?: ExecutorName;
  readonly until?: string;
  readonly only?: string;
  readonly from?: string;
  readonly force?: 'all' | readonly string[];
  /** Records the files that steps open, to report undeclared reads and writes. */
  readonly isTraced?: boolean;
  /** With `isTraced`: what the steps open is recorded as what they read and wrote, as nothing is declared. */
  readonly isTracked?: boolean;
  /**
   * After a failure: continue with steps that do not need the failed one, or end what is running. By default running
   * steps finish.
   */
  readonly onFailure?: 'go-on' | 'end-running';
  /** No champion is handed over: a model is trained from zero. */
  readonly isFromZero?: boolean;
  /**
   * Why steps run, where a training just before hides it: their last result is that of the model to compare with.
   */
  readonly reasons?: ReadonlyMap<StepName, readonly Reason[]>;
  /** A step of which only the champion has changed since the champion was trained takes the champion's own result. */
  readonly keepsParents?: boolean;
  /** The rows that the steps are handed, by dataset, in place of what the registry's newest verdicts say. */
  readonly windows?: readonly TrainingWindow[];
  /** What steps started from in a run that is repeated, in place of the champion of now: by step and value. */
  readonly parents?: RunParents;
}

/** A finished run. A failed step is part of it, not a failure of the command. */
export interface RunReport {
  readonly run: Run;
  readonly executions: readonly StepExecution[];
  /** Steps that were not started. */
  readonly notStarted: readonly { readonly step: StepName; readonly status: StepStatus }[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  /** For a traced run: files that steps opened without declaring them. */
  readonly undeclared?: readonly UndeclaredUse[];
}

/** Files of the workspace that a step read or wrote without declaring them. */
export interface UndeclaredUse {
  readonly step: StepName;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Of a recorded command: files that were there before, and that it changed in place. What they held is not known any more. */
  readonly changed?: readonly string[];
}
