import type { Failure } from '../failure.js';
import type { PipelineName, StepName, WorkspacePath } from '../ids.js';
import type { Evaluation, GateVerdict } from '../models/model.js';
import type { StepExecution } from './run.js';
import type { RunReport } from './run-report.js';

/** A problem found by `refit test`. */
export type TestProblem =
  | { readonly code: 'step-failed'; readonly step: string; readonly failure: Failure }
  | { readonly code: 'output-empty'; readonly step: StepName; readonly output: WorkspacePath }
  | {
      readonly code: 'loss-not-falling';
      readonly step: StepName;
      readonly metric: string;
      /** Means of the first and the last fifth of its points. */
      readonly first: number;
      readonly last: number;
    }
  /** A check of the gate found nothing to judge: a missing metric or slice, a command that fails. */
  | { readonly code: 'gate-cannot-judge'; readonly step: 'gate'; readonly check: string; readonly detail: string }
  | {
      readonly code: 'not-repeatable';
      readonly step: StepName;
      readonly output: WorkspacePath;
      /** Content hashes of the two runs. */
      readonly before: string;
      readonly after: string;
    };

export interface TestReport {
  readonly pipeline: PipelineName;
  readonly executions: readonly StepExecution[];
  readonly notStarted: RunReport['notStarted'];
  readonly problems: readonly TestProblem[];
  /** Steps whose outputs were compared between the two runs. The others had different inputs, or failed. */
  readonly repeated: readonly StepName[];
  /** Scores of the model that the test trained. */
  readonly evaluation?: Evaluation;
  /** The gate's verdict on it. Limits that it does not reach are no problem: the data of a test is small. */
  readonly gate?: GateVerdict;
  /** Path of the scratch workspace, if it was kept. */
  readonly kept?: WorkspacePath;
}
