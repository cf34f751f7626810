import type {
  AttemptId,
  ContentHash,
  ExecutionId,
  Fingerprint,
  PipelineName,
  RunId,
  StepName,
  WorkspacePath,
} from '../ids.js';
import type { ModelVersion } from '../models/model.js';
import type { Role } from '../pipeline/pipeline.js';
import type { FingerprintParts, Reason, RememberedExecution } from '../pipeline/plan.js';
import type { ArtifactUse } from '../runs/artifact.js';
import type {
  ExecutionResult,
  MetricPoint,
  NewRun,
  ProcessIdentity,
  ProcessOutcome,
  Run,
  RunStatus,
  StepExecution,
} from '../runs/run.js';
import type { RunFilter } from '../runs/run-filter.js';
import type { Instant } from '../support/time.js';

export interface RunRecords {
  /** Unique across machines, sorts by time. */
  readonly newId: (at: Instant) => RunId;
  readonly start: (run: NewRun) => void;
  readonly finish: (
    run: RunId,
    end: { readonly status: RunStatus; readonly isTainted: boolean; readonly finishedAt: Instant },
  ) => void;
  /** Writes the execution as `running` and forgets the step's remembered fingerprint, in one transaction. */
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
    /** Where it is known already; else `recordProcess` tells it. */
    readonly process?: ProcessIdentity;
  }) => AttemptId;
  readonly recordProcess: (attempt: AttemptId, identity: ProcessIdentity) => void;
  readonly finishAttempt: (
    attempt: AttemptId,
    end: { readonly outcome: ProcessOutcome; readonly finishedAt: Instant },
  ) => void;
  /** Status, artifacts, lineage, metrics and, where given, the fingerprint to remember: one transaction. */
  readonly finishExecution: (execution: ExecutionId, result: ExecutionResult) => void;

  /** What the result of an earlier execution stands for: one row that refers to it; nothing is forgotten. */
  readonly recordSkipped: (execution: {
    readonly run: RunId;
    readonly step: StepName;
    readonly role?: Role;
    readonly source: ExecutionId;
    readonly at: Instant;
  }) => ExecutionId;

  /** Each step's last success that is still remembered (no execution has started since). */
  readonly remembered: (pipeline: PipelineName) => ReadonlyMap<StepName, RememberedExecution>;
  /** The last success whether remembered or not: to say what changed. */
  readonly lastSuccess: (pipeline: PipelineName, step: StepName) => RememberedExecution | undefined;
  /** Newest success with that fingerprint, of any pipeline of the workspace: its outputs may be restored. */
  readonly withFingerprint: (fingerprint: Fingerprint) => RememberedExecution | undefined;

  /** Fingerprint parts of every step execution of a run that has them, restored and skipped ones through their source. */
  readonly partsOf: (
    run: RunId,
  ) => ReadonlyMap<StepName, { readonly fingerprint: Fingerprint; readonly parts: FingerprintParts }>;

  readonly get: (run: RunId) => Run | undefined;
  /** By id or unambiguous beginning; several when ambiguous. */
  readonly find: (idOrPrefix: string) => readonly Run[];
  readonly list: (filter: {
    readonly pipeline?: PipelineName;
    readonly status?: RunStatus;
    readonly where?: RunFilter;
    readonly limit: number;
  }) => readonly Run[];
  /** Names of all pipelines that ever ran, sorted. */
  readonly pipelines: () => readonly PipelineName[];
  /** Ids of runs that began at or after a time, epoch ms. */
  readonly since: (epochMs: number) => readonly RunId[];
  readonly definition: (hash: ContentHash) => string | undefined;
  readonly executions: (run: RunId) => readonly StepExecution[];
  readonly uses: (execution: ExecutionId) => {
    readonly reads: readonly ArtifactUse[];
    readonly writes: readonly ArtifactUse[];
  };
  readonly metrics: (execution: ExecutionId) => readonly MetricPoint[];
  /** Of all its steps, in their order. */
  readonly metricsOfRun: (run: RunId) => readonly MetricPoint[];
  /** The run in which an execution's result was really made: of a skipped or restored one, its source's. */
  readonly originOf: (execution: ExecutionId) => RunId | undefined;
  /** What a traced execution opened, besides what it declares. */
  readonly recordTrace: (
    execution: ExecutionId,
    files: { readonly reads: readonly string[]; readonly writes: readonly string[] },
  ) => void;
  /** Of the step's newest traced execution. */
  readonly lastTrace: (
    pipeline: PipelineName,
    step: StepName,
  ) => { readonly run: RunId; readonly reads: readonly string[]; readonly writes: readonly string[] } | undefined;
  /** The artifact that a run wrote (or, restored or skipped, stood for) at a path. */
  readonly artifactAt: (run: RunId, path: WorkspacePath) => ArtifactUse | undefined;
  /** Executions that wrote or read an artifact, newest first. */
  readonly usesOf: (hash: ContentHash) => readonly {
    readonly execution: ExecutionId;
    readonly run: RunId;
    readonly step: StepName;
    readonly direction: 'read' | 'wrote';
    readonly path: WorkspacePath;
  }[];

  /** The newest execution that wrote these bytes: before `reader`, at `path`, where they are given. */
  readonly makerOf: (
    hash: ContentHash,
    only?: { readonly reader?: ExecutionId; readonly path?: WorkspacePath },
  ) => ExecutionUse | undefined;
  /** Executions that read these bytes, where it is given at `path`, newest first, at most `limit`. */
  readonly readersOf: (hash: ContentHash, limit: number, path?: WorkspacePath) => readonly ExecutionUse[];
  /** Content that was ever read or written at a path, newest first. */
  readonly hashesAt: (path: WorkspacePath) => readonly ContentHash[];
  /** Runs that began with these uncommitted changes. */
  readonly withDiff: (diff: ContentHash) => readonly RunId[];
  /** Hashes of artifacts that begin so. */
  readonly hashesLike: (prefix: string) => readonly ContentHash[];
  /** Everything made of these bytes, however many steps away, and the runs that it was made or used in. */
  readonly downstream: (hashes: readonly ContentHash[]) => Downstream;

  /** Runs still `running` in the registry, with the processes of their unfinished attempts. */
  readonly unfinished: () => readonly {
    readonly run: Run;
    readonly attempts: readonly {
      readonly execution: ExecutionId;
      readonly attempt: AttemptId;
      readonly process?: ProcessIdentity;
    }[];
  }[];
  /** The run's process died: run and unfinished executions become `lost`. */
  readonly markLost: (run: RunId, at: Instant) => void;

  /** Journal of outputs moved aside before a step started. */
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
  /** Those started with among them, in the order in which they became known. */
  readonly artifacts: readonly { readonly hash: ContentHash; readonly path: WorkspacePath }[];
  readonly runs: readonly { readonly run: RunId; readonly pipeline: PipelineName; readonly startedAt: Instant }[];
  readonly versions: readonly ModelVersion[];
}

/** `path` was renamed to `asidePath` before a step of `run` started; it goes back unless the step succeeded. Without `asidePath` nothing lay there. */
export interface OutputBackup {
  readonly run: RunId;
  readonly step: StepName;
  readonly path: WorkspacePath;
  readonly asidePath?: WorkspacePath;
}
