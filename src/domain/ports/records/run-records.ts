import type {
  AttemptId,
  ContentHash,
  ExecutionId,
  Fingerprint,
  PipelineName,
  RunId,
  StepName,
  WorkspacePath,
} from '../../ids.js';
import type { ModelVersion } from '../../models/model.js';
import type { Role } from '../../pipeline/pipeline.js';
import type { FingerprintParts, Reason, RememberedExecution } from '../../pipeline/plan.js';
import type { ArtifactUse } from '../../runs/artifact.js';
import type { EngineJob } from '../../runs/job.js';
import type {
  ExecutionResult,
  MetricPoint,
  NewRun,
  ProcessIdentity,
  ProcessOutcome,
  Run,
  RunStatus,
  StepExecution,
} from '../../runs/run.js';
import type { RunFilter } from '../../runs/run-filter.js';
import type { Instant } from '../../support/time.js';

export interface RunRecords {
  /** Unique across machines, sorts by time. */
  readonly newId: (at: Instant) => RunId;
  readonly start: (run: NewRun) => void;
  readonly finish: (
    run: RunId,
    end: { readonly status: RunStatus; readonly isTainted: boolean; readonly finishedAt: Instant },
  ) => void;
  /** Records the execution as `running` and deletes the step's stored fingerprint, in one transaction. */
  readonly startExecution: (execution: {
    readonly run: RunId;
    readonly step: StepName;
    readonly role?: Role;
    readonly reasons: readonly Reason[];
    readonly startedAt: Instant;
  }) => ExecutionId;
  readonly startAttempt: (attempt: {
    readonly execution: ExecutionId;
    readonly number: number;
    readonly logPath: string;
    readonly startedAt: Instant;
    /** If known already. Otherwise `recordProcess` records it. */
    readonly process?: ProcessIdentity;
  }) => AttemptId;
  readonly recordProcess: (attempt: AttemptId, identity: ProcessIdentity) => void;
  /** The engine's name for a job, or the node that it runs on. */
  readonly recordJob: (attempt: AttemptId, job: EngineJob) => void;
  readonly finishAttempt: (
    attempt: AttemptId,
    end: { readonly outcome: ProcessOutcome; readonly finishedAt: Instant },
  ) => void;
  /** Records status, artifacts, lineage, metrics and, if given, the fingerprint to remember, in one transaction. */
  readonly finishExecution: (execution: ExecutionId, result: ExecutionResult) => void;

  /** Records that an earlier execution's result was reused: one row that refers to it. Deletes no fingerprint. */
  readonly recordSkipped: (execution: {
    readonly run: RunId;
    readonly step: StepName;
    readonly role?: Role;
    readonly source: ExecutionId;
    readonly at: Instant;
  }) => ExecutionId;

  /** Each step's last success that is still remembered, because no execution has started since. */
  readonly remembered: (pipeline: PipelineName) => ReadonlyMap<StepName, RememberedExecution>;
  /** The last success, remembered or not, to explain what changed. */
  readonly lastSuccess: (pipeline: PipelineName, step: StepName) => RememberedExecution | undefined;
  /** The newest success with that fingerprint, of any pipeline in the workspace. Its outputs may be restored. */
  readonly withFingerprint: (fingerprint: Fingerprint) => RememberedExecution | undefined;

  /** Fingerprint parts of every step execution of a run. Restored and skipped ones have those of their source. */
  readonly partsOf: (
    run: RunId,
  ) => ReadonlyMap<StepName, { readonly fingerprint: Fingerprint; readonly parts: FingerprintParts }>;

  readonly get: (run: RunId) => Run | undefined;
  /** By id or its beginning. Several if ambiguous. */
  readonly find: (idOrPrefix: string) => readonly Run[];
  readonly list: (filter: {
    readonly pipeline?: PipelineName;
    readonly status?: RunStatus;
    readonly where?: RunFilter;
    readonly limit: number;
  }) => readonly Run[];
  /** Names of all pipelines that have run, sorted. */
  readonly pipelines: () => readonly PipelineName[];
  /** Ids of runs started at or after a time, in epoch ms. */
  readonly since: (epochMs: number) => readonly RunId[];
  readonly definition: (hash: ContentHash) => string | undefined;
  readonly executions: (run: RunId) => readonly StepExecution[];
  readonly uses: (execution: ExecutionId) => {
    readonly reads: readonly ArtifactUse[];
    readonly writes: readonly ArtifactUse[];
  };
  /** Milliseconds that the newest successful attempts of a step took, newest first. Results that were reused do not count. */
  readonly attemptDurations: (pipeline: PipelineName, step: StepName, limit: number) => readonly number[];
  readonly metrics: (execution: ExecutionId) => readonly MetricPoint[];
  /** For all its steps, in their order. */
  readonly metricsOfRun: (run: RunId) => readonly MetricPoint[];
  /** The run that really made an execution's result. For a skipped or restored one, that of its source. */
  readonly originOf: (execution: ExecutionId) => RunId | undefined;
  /** The files that a traced execution opened without declaring them. */
  readonly recordTrace: (
    execution: ExecutionId,
    files: { readonly reads: readonly string[]; readonly writes: readonly string[] },
  ) => void;
  /** The trace of the step's newest traced execution. */
  readonly lastTrace: (
    pipeline: PipelineName,
    step: StepName,
  ) => { readonly run: RunId; readonly reads: readonly string[]; readonly writes: readonly string[] } | undefined;
  /** The artifact at a path that a run wrote, restored or skipped. */
  readonly artifactAt: (run: RunId, path: WorkspacePath) => ArtifactUse | undefined;
  /** Executions that wrote or read an artifact, newest first. */
  readonly usesOf: (hash: ContentHash) => readonly {
    readonly execution: ExecutionId;
    readonly run: RunId;
    readonly step: StepName;
    readonly direction: 'read' | 'wrote';
    readonly path: WorkspacePath;
  }[];

  /** The newest execution that wrote these bytes; before `reader` and at `path`, if given. */
  readonly makerOf: (
    hash: ContentHash,
    only?: { readonly reader?: ExecutionId; readonly path?: WorkspacePath },
  ) => ExecutionUse | undefined;
  /** Executions that read these bytes, at `path` if given, newest first, at most `limit`. */
  readonly readersOf: (hash: ContentHash, limit: number, path?: WorkspacePath) => readonly ExecutionUse[];
  /** Content that was read or written at a path, newest first. */
  readonly hashesAt: (path: WorkspacePath) => readonly ContentHash[];
  /** Runs that started with these uncommitted changes. */
  readonly withDiff: (diff: ContentHash) => readonly RunId[];
  /** Hashes of artifacts with this prefix. */
  readonly hashesLike: (prefix: string) => readonly ContentHash[];
  /** Everything derived from these bytes over any number of steps, and the runs that made or used it. */
  readonly downstream: (hashes: readonly ContentHash[]) => Downstream;

  /** Runs that are `running` in the registry, with the processes of their unfinished attempts. */
  readonly unfinished: () => readonly {
    readonly run: Run;
    readonly attempts: readonly {
      readonly execution: ExecutionId;
      readonly attempt: AttemptId;
      readonly process?: ProcessIdentity;
    }[];
  }[];
  /** Removes a run of which no step has begun. */
  readonly withdraw: (run: RunId) => void;
  /** Marks a run whose process died, and its unfinished executions, as `lost`. */
  readonly markLost: (run: RunId, at: Instant) => void;

  /** Journal of outputs that were moved aside before a step started. */
  readonly openBackup: (backup: OutputBackup) => number;
  readonly closeBackup: (id: number) => void;
  readonly openBackups: () => readonly (OutputBackup & { readonly id: number })[];
}

export interface ExecutionUse {
  readonly execution: ExecutionId;
  readonly run: RunId;
  readonly pipeline: PipelineName;
  readonly step: StepName;
  readonly path: WorkspacePath;
}

export interface Downstream {
  /** Includes the starting ones, in the order in which they were found. */
  readonly artifacts: readonly { readonly hash: ContentHash; readonly path: WorkspacePath }[];
  readonly runs: readonly { readonly run: RunId; readonly pipeline: PipelineName; readonly startedAt: Instant }[];
  readonly versions: readonly ModelVersion[];
}

/**
 * `path` was renamed to `asidePath` before a step of `run` started. It is moved back unless the step succeeded. Without
 * `asidePath` there was nothing.
 */
export interface OutputBackup {
  readonly run: RunId;
  readonly step: StepName;
  readonly path: WorkspacePath;
  readonly asidePath?: WorkspacePath;
}
