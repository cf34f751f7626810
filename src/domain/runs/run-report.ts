import type { Failure } from '../failure.js';
import type { StepName } from '../ids.js';
import type { Instant } from '../support/time.js';
import type { Run, RunTrigger, StepExecution, StepStatus } from './run.js';

export interface RunOptions {
  readonly now: Instant;
  readonly isNowGiven: boolean;
  readonly trigger: RunTrigger;
  /** Steps at a time; the number of processors unless said otherwise. */
  readonly jobs?: number;
  readonly until?: string;
  readonly only?: string;
  readonly from?: string;
  readonly force?: 'all' | readonly string[];
  /** What the steps open is recorded: what they read or write and do not declare is named. */
  readonly isTraced?: boolean;
  /** After a failure: go on with what does not need the failed step, end what still runs, or, unless given, let that end by itself. */
  readonly onFailure?: 'go-on' | 'end-running';
}

/** One run as it ended. A failed step is in here; it is no failure of the command that ran it. */
export interface RunReport {
  readonly run: Run;
  readonly executions: readonly StepExecution[];
  /** Steps that were not started. */
  readonly notStarted: readonly { readonly step: StepName; readonly status: StepStatus }[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  /** Of a traced run: what steps opened and did not declare. */
  readonly undeclared?: readonly UndeclaredUse[];
}

/** Files of the workspace that a step read or wrote and did not declare. */
export interface UndeclaredUse {
  readonly step: StepName;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}
