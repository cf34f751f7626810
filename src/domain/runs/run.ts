import type { TrainingWindow } from '../data/training-window.js';
import type { AttemptId, ContentHash, ExecutionId, Fingerprint, PipelineName, RunId, StepName } from '../ids.js';
import type { ParamValue, Role } from '../pipeline/pipeline.js';
import type { FingerprintParts, Reason } from '../pipeline/plan.js';
import type { Json, JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';
import type { ArtifactUse } from './artifact.js';
import type { EngineJob, JobEnd } from './job.js';

export const RUN_STATUSES = ['running', 'succeeded', 'failed', 'cancelled', 'lost'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const STEP_STATUSES = [
  'pending',
  'running',
  'succeeded',
  'restored',
  'skipped',
  'failed',
  'timed-out',
  'cancelled',
  'lost',
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** Why a run was started, with the measured values. */
export interface RunTrigger {
  /** `manual`, `no-champion`, `forced`, or the kind of the trigger that fired: `new_data`, `data_drift` … */
  readonly kind: string;
  readonly measured?: Json;
  readonly threshold?: Json;
  readonly detail?: string;
  /** Start of the change that caused a retrain: `${{ trigger.since }}`. */
  readonly since?: Instant;
}

/** Kind of the trigger of a command that was recorded without a pipeline. */
export const TRACKED = 'track';

/** The state of the code at the start of a run. Parts are `undefined` without git. */
export interface CodeVersion {
  readonly commit?: string;
  readonly committedAt?: Instant;
  readonly branch?: string;
  readonly isDirty: boolean;
  /** Hash of the stored `git diff HEAD`, if there were changes. */
  readonly diff?: ContentHash;
  readonly untracked: readonly string[];
  /** git did not answer about a workspace that lies in a repository: why, and the command that mends it. */
  readonly problem?: { readonly reason: string; readonly mend: string };
}

export interface Environment {
  readonly host: string;
  readonly platform: string;
  /** Versions of the tools: `refit`, `node`, `duckdb`, `python` if a step uses it … */
  readonly tools: Readonly<Record<string, string>>;
  /** Absent in runs from before it was recorded. */
  readonly hardware?: { readonly cpus: number; readonly memoryBytes: number };
  /** Lock files in the workspace's root by content hash. They identify the installed packages. */
  readonly packages?: Readonly<Record<string, ContentHash>>;
  /** For an imported run: the other system's facts that refit has no column for. */
  readonly origin?: RunOrigin;
}

export interface RunOrigin {
  readonly system: 'mlflow';
  /** The other system's id of the run. */
  readonly id: string;
  readonly name?: string;
  /** Name of the experiment. */
  readonly experiment: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasets: readonly { readonly name: string; readonly digest: string; readonly source: string }[];
  /** Metrics with values that were not finite or repeated for a training step, each described in one sentence. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Metrics whose last value is no finite number, with its name: `NaN`, `infinity`. They have no value to compare by. */
  readonly ended?: Readonly<Record<string, string>>;
  /** Addresses of artifacts that could not be read. */
  readonly missing: readonly string[];
}

/** A process, identified beyond its pid, which the kernel reuses. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * Start time in clock ticks since boot (Linux). `ended` if the process had ended before it was read; otherwise the
   * empty string.
   */
  readonly startTime: string;
  /** Boot and PID namespace, because each container has its own process 1. */
  readonly bootId: string;
}

export interface NewRun {
  readonly id: RunId;
  readonly pipeline: PipelineName;
  readonly file: string;
  readonly definition: { readonly hash: ContentHash; readonly text: string };
  readonly trigger: RunTrigger;
  readonly profile?: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  /** The `now` of the command, and whether `--now` set it. */
  readonly now: Instant;
  readonly isNowGiven: boolean;
  readonly startedAt: Instant;
  readonly code: CodeVersion;
  readonly actor: string;
  readonly environment: Environment;
  readonly process: ProcessIdentity;
  /** Of the datasets that have a window. */
  readonly windows?: readonly TrainingWindow[];
}

export interface Run extends Omit<NewRun, 'definition'> {
  readonly definitionHash: ContentHash;
  readonly status: RunStatus;
  readonly isTainted: boolean;
  readonly finishedAt?: Instant;
}

/** The result of a step execution, recorded in one transaction. */
export interface ExecutionResult {
  readonly status: StepStatus;
  readonly finishedAt: Instant;
  /** The failure as JSON, for `show` and `why`. */
  readonly failure?: JsonObject;
  readonly reads: readonly ArtifactUse[];
  readonly writes: readonly ArtifactUse[];
  readonly metrics: readonly MetricPoint[];
  /** Only if the result may be reused. */
  readonly remember?: { readonly fingerprint: Fingerprint; readonly parts: FingerprintParts };
  /** For `restored` and `skipped`: the execution that made these outputs. */
  readonly source?: ExecutionId;
}

/** `step` is the training step (epoch, iteration) if the metric is a series. Values are finite. */
export interface MetricPoint {
  readonly key: string;
  readonly step?: number;
  readonly value: number;
}

export interface StepExecution {
  readonly id: ExecutionId;
  readonly run: RunId;
  readonly step: StepName;
  readonly role?: Role;
  readonly status: StepStatus;
  readonly reasons: readonly Reason[];
  readonly startedAt: Instant;
  readonly finishedAt?: Instant;
  readonly failure?: JsonObject;
  readonly source?: ExecutionId;
  readonly attempts: readonly Attempt[];
}

export type ProcessOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'not-started'; readonly reason: string }
  /** The engine of a job ended it, or lost it. */
  | { readonly kind: 'job-ended'; readonly reason: JobEnd }
  /** The command of refit only reads, and may not start it. Never recorded. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Whether the command ran to its end and exited with 0. */
export const hasSucceeded = (outcome: ProcessOutcome): boolean => outcome.kind === 'exited' && outcome.exitCode === 0;

export interface Attempt {
  readonly id: AttemptId;
  readonly number: number;
  /** Workspace-relative. */
  readonly logPath: string;
  readonly startedAt: Instant;
  readonly finishedAt?: Instant;
  readonly process?: ProcessIdentity;
  /** Absent for an attempt on this machine. */
  readonly job?: EngineJob;
  readonly outcome?: ProcessOutcome;
}
