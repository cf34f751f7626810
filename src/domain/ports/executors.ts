import type { Failure } from '../failure.js';
import type { Fingerprint, RunId, WorkspacePath } from '../ids.js';
import type { StepImages } from '../pipeline/container.js';
import type { EnvironmentRef, Pipeline, Step } from '../pipeline/pipeline.js';
import type { EngineJob } from '../runs/job.js';
import type { JobTry } from '../runs/job-files.js';
import type { ProcessIdentity } from '../runs/run.js';
import type { Result } from '../support/result.js';
import type { ProcessResult } from './platform.js';
import type { OutputBackup } from './records/run-records.js';

export interface CommandRun {
  readonly argv: readonly string[];
  /** The inherited environment plus these additions. REFIT_* and the PATH are set by refit. */
  readonly env: Readonly<Record<string, string>>;
  /** Its programs come first on the PATH. If it is missing, the command does not start. */
  readonly environment?: EnvironmentRef | undefined;
  /** Workspace-relative. */
  readonly logPath: string;
  readonly timeoutMs?: number;
  readonly mayLeaveServers?: boolean;
  readonly masked?: readonly string[];
  readonly onStarted?: (identity: ProcessIdentity) => void;
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
}

/** The work that a job does. Only the same work may take over its result. */
export interface JobWork {
  /** Absent for a step whose inputs are not declared: nobody knows what it has read. */
  readonly fingerprint?: Fingerprint;
  /** Stamps of the inputs when it was submitted. */
  readonly stamps: Readonly<Record<string, string>>;
}

/** One attempt of a step, ready to start. */
export interface JobRequest {
  readonly pipeline: Pick<Pipeline, 'name'>;
  readonly step: Step;
  readonly run: RunId;
  readonly attempt: number;
  readonly command: CommandRun;
  readonly metricsPath: string;
  readonly work: JobWork;
  /** Files and folders that the command may read: what it declares, and what refit has put in place for it. */
  readonly reads: readonly string[];
  /** Absent where no step of the run has an image. */
  readonly images?: StepImages;
}

export interface JobObserver {
  /** The job runs, or runs on another node than before. */
  readonly onNode: (job: EngineJob) => void;
}

export interface CollectedJob extends ProcessResult {
  /** The engine has put the job back into its queue: this is its next try, which needs no submission. */
  readonly next?: SubmittedJob;
  /** Why what the command made is not here, whatever its end was. */
  readonly failure?: Failure;
}

/** A job that has been taken: by an engine, or by this machine. */
export interface SubmittedJob extends JobTry {
  /** Absent for a process of this machine. */
  readonly job?: EngineJob;
  /** Resolves when this try has ended, by itself or because of `cancel`. */
  readonly watch: (observer: JobObserver) => Promise<void>;
  /** Resolves when the engine has been told. `watch` resolves when the job has ended. */
  readonly cancel: () => Promise<void>;
  /** After `watch`. */
  readonly collect: () => Promise<CollectedJob>;
  /** The result is recorded, or is not wanted: removes what refit kept to find it again. */
  readonly forget: () => Promise<void>;
}

/** Something that runs jobs. */
export interface Executor {
  readonly isLocal: boolean;
  /** The folder for files of an attempt, seen by every machine that may run it. `scratch`: the folder of the run. */
  readonly folderOf: (step: Step, attempt: number, scratch: WorkspacePath) => Promise<WorkspacePath>;
  /** The reason, if the job is not taken. */
  readonly submit: (request: JobRequest) => Promise<Result<SubmittedJob, string>>;
}

/** A job that a killed refit left, or of which this machine could not take the result. */
export interface LeftJob {
  readonly work: JobWork;
  /** The rows of the journal of what it replaces. */
  readonly backups: () => readonly (OutputBackup & { readonly id: number })[];
  /** Goes on with it in the name of this run, instead of submitting the step again. `undefined`: there is nothing to go on with. */
  readonly adopt: (run: RunId) => Promise<Result<SubmittedJob | undefined, Failure>>;
  /** Ends it. Resolves when it no longer runs. If it cannot be ended, what leads to it is kept. */
  readonly discard: () => Promise<Result<void, Failure>>;
}

/** Where the steps of a run are executed. */
export interface Executors {
  readonly of: (step: Step) => Executor;
  /** Jobs that killed refits left of this step. Only the run that makes the step may ask. */
  readonly left: (step: Step) => Promise<readonly LeftJob[]>;
}
