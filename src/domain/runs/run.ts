import type { AttemptId, ContentHash, ExecutionId, Fingerprint, PipelineName, RunId, StepName } from '../ids.js';
import type { ParamValue, Role } from '../pipeline/pipeline.js';
import type { FingerprintParts, Reason } from '../pipeline/plan.js';
import type { Json, JsonObject } from '../support/json.js';
import type { Instant } from '../support/time.js';
import type { ArtifactUse } from './artifact.js';

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

/** Why a run was started, with the values measured. */
export interface RunTrigger {
  /** `manual`, `no-champion`, `forced`, or the kind of the trigger that fired: `new_data`, `data_drift` … */
  readonly kind: string;
  readonly measured?: Json;
  readonly threshold?: Json;
  readonly detail?: string;
  /** Start of the change that caused a retrain: `${{ trigger.since }}`. */
  readonly since?: Instant;
}

/** The state of the code at the start of a run; `undefined` parts: no git there. */
export interface CodeVersion {
  readonly commit?: string;
  readonly committedAt?: Instant;
  readonly branch?: string;
  readonly isDirty: boolean;
  /** `git diff HEAD` in the store, when dirty. */
  readonly diff?: ContentHash;
  readonly untracked: readonly string[];
}

export interface Environment {
  readonly host: string;
  readonly platform: string;
  /** Versions of what took part: `refit`, `node`, `duckdb`, `python` where a step uses it … */
  readonly tools: Readonly<Record<string, string>>;
  /** Absent in runs of before it was recorded. */
  readonly hardware?: { readonly cpus: number; readonly memoryBytes: number };
  /** Lock files in the workspace's root, by content: what was installed by them. */
  readonly packages?: Readonly<Record<string, ContentHash>>;
  /** Of a run that another system kept, and that was imported: what refit has no column for. */
  readonly origin?: RunOrigin;
}

export interface RunOrigin {
  readonly system: 'mlflow';
  /** What that system knows the run by. */
  readonly id: string;
  readonly name?: string;
  /** Of the experiment. */
  readonly experiment: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasets: readonly { readonly name: string; readonly digest: string; readonly source: string }[];
  /** Metrics whose values were not finite, or were given more than once for a step: what there was, in one sentence. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Addresses of artifacts that could not be read. */
  readonly missing: readonly string[];
}

/** A process known beyond its pid, which the kernel uses again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (Linux), `ended` where it had ended before anybody asked, else the empty string. */
  readonly startTime: string;
  /** Boot and PID namespace: two containers each have a process 1. */
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
}

export interface Run extends Omit<NewRun, 'definition'> {
  readonly definitionHash: ContentHash;
  readonly status: RunStatus;
  readonly isTainted: boolean;
  readonly finishedAt?: Instant;
}

/** What a finished step execution leaves in the registry, in one transaction. */
export interface ExecutionResult {
  readonly status: StepStatus;
  readonly finishedAt: Instant;
  /** Facts of the failure (a `Failure` as JSON), for `show` and `why`. */
  readonly failure?: JsonObject;
  readonly reads: readonly ArtifactUse[];
  readonly writes: readonly ArtifactUse[];
  readonly metrics: readonly MetricPoint[];
  /** Given only when the result may be used again. */
  readonly remember?: { readonly fingerprint: Fingerprint; readonly parts: FingerprintParts };
  /** For `restored` and `skipped`: the execution whose outputs these are. */
  readonly source?: ExecutionId;
}

/** `step` is the training step (epoch, iteration) where metrics are a series. Values are finite. */
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
  | { readonly kind: 'not-started'; readonly reason: string };

export interface Attempt {
  readonly id: AttemptId;
  readonly number: number;
  /** Workspace-relative. */
  readonly logPath: string;
  readonly startedAt: Instant;
  readonly finishedAt?: Instant;
  readonly process?: ProcessIdentity;
  readonly outcome?: ProcessOutcome;
}
