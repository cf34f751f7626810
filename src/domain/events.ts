import type { Failure } from './failure.js';
import type { RunId, StepName } from './ids.js';
import type { PlannedAction, Reason } from './pipeline/plan.js';
import type { RunStatus, StepStatus } from './runs/run.js';

/** Progress of a running command, for display only. The registry holds the truth. */
export type RefitEvent =
  | {
      readonly type: 'run-started';
      readonly run: RunId;
      readonly pipeline: string;
      /** In an order in which they can run, each with the steps it needs. */
      readonly steps: readonly { readonly name: StepName; readonly needs: readonly StepName[] }[];
    }
  | {
      readonly type: 'step-decided';
      readonly step: StepName;
      readonly action: PlannedAction;
      readonly reasons: readonly Reason[];
    }
  | { readonly type: 'step-started'; readonly step: StepName; readonly attempt: number; readonly logPath: string }
  /** The step has run for some seconds, and earlier runs say how long it usually takes. */
  | { readonly type: 'step-expected'; readonly step: StepName; readonly usualMs: number; readonly attempts: number }
  | {
      readonly type: 'step-output';
      readonly step: StepName;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  | {
      readonly type: 'step-retrying';
      readonly step: StepName;
      readonly attempt: number;
      readonly delayMs: number;
      readonly failure: Failure;
    }
  | {
      readonly type: 'step-finished';
      readonly step: StepName;
      readonly status: StepStatus;
      readonly durationMs: number;
      readonly failure?: Failure;
    }
  | { readonly type: 'run-finished'; readonly run: RunId; readonly status: RunStatus; readonly durationMs: number }
  /** A phase outside the steps: `checking data`, `profiling`, `scoring candidate`, `publishing`. */
  | { readonly type: 'phase'; readonly text: string }
  | { readonly type: 'warning'; readonly text: string; readonly code: string };

export type Emit = (event: RefitEvent) => void;
