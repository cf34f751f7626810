import type { Failure } from '../failure.js';
import type { PipelineName, RunId, WorkspacePath } from '../ids.js';
import type { EngineJob } from '../runs/job.js';
import type { Environment, ProcessIdentity, ProcessOutcome } from '../runs/run.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';
import type { StepLocks } from './step-locks.js';

export interface Clock {
  readonly now: () => Instant;
  /** For durations: never goes backwards. */
  readonly monotonicMs: () => number;
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other';
  readonly size: number;
  readonly mtimeMs: number;
  /** When it was made; 0 where the file system does not tell. */
  readonly bornMs: number;
}

/** Files of the workspace. Every path is workspace-relative, and none leads outside. */
export interface Files {
  /** Absolute path of the workspace root. For passing to processes, never for storing. */
  readonly root: string;
  readonly absolute: (path: string) => string;
  readonly stat: (path: string) => Promise<FileStat | undefined>;
  /** What tells a folder from another one that is put in its place; `undefined` if there is none, or a link. */
  readonly identityOfFolder: (path: string) => string | undefined;
  /** Its number in its file system; `undefined` if nothing is there. */
  readonly inodeOf: (path: string) => string | undefined;
  readonly readText: (path: string) => Promise<Result<string, Failure>>;
  /** At most so many bytes from the start of a regular file, as text; empty if it cannot be read. */
  readonly readStart: (path: string, bytes: number) => string;
  /**
   * The text of a file that configures refit, of which messages show lines. Fails with `data-outside-workspace` for a link that
   * leads out of the workspace and of the roots that refit.yaml allows.
   */
  readonly readConfig: (path: string) => Promise<Result<string, Failure>>;
  /** The absolute path where it really leads, links followed, or would lead if it were there. */
  readonly realPlace: (path: string) => string;
  /** Where a path really leads if that is outside the workspace and the roots that refit.yaml allows, else `undefined`. */
  readonly outside: (path: string) => string | undefined;
  /** Real absolute paths of the existing folders outside the workspace that links may lead to: the roots of refit.yaml. */
  readonly linkedFolders: () => readonly string[];
  /** Writes atomically: temporary file, fsync, rename, fsync of the folder. */
  readonly writeText: (path: string, text: string) => Promise<Result<void, Failure>>;
  /**
   * Writes a file in a scratch folder, without fsync, because no other process reads it and it is useless after a
   * crash.
   */
  readonly writeScratch: (path: string, text: string) => Promise<void>;
  /** Writes a file that nobody but its owner may read. Throws what the disk says. */
  readonly writePrivate: (path: string, text: string) => Promise<void>;
  /** Why a pipeline may not write there: it lies in `.git` or `.refit`, links followed. `undefined` if it may. */
  readonly faultOfOutput: (path: string) => string | undefined;
  /** Why a step may not replace what is there: it is a link that leads out of the workspace. `undefined` if it may. */
  readonly faultOfLink: (path: string) => string | undefined;
  /** Files that match any of the globs, sorted by code unit. Dot folders only if a pattern names them. */
  readonly glob: (patterns: readonly string[]) => Promise<readonly string[]>;
  readonly makeFolder: (path: string) => Promise<void>;
  /** Like `makeFolder`, but syncs every new folder to disk, for what must survive a power loss. */
  readonly makeFolderDurably: (path: string) => Promise<void>;
  /** A new folder `.refit/tmp/<prefix>-<pid>-…`, removed when the command ends at the latest. */
  readonly makeScratch: (prefix: string) => Promise<WorkspacePath>;
  readonly removeScratch: () => Promise<void>;
  /** Does not fail in `.refit/tmp` and `.refit/aside`: what is left there is swept later. */
  readonly remove: (path: string) => Promise<void>;
  /** Renames within the file system, replaces the target, creates its parents and syncs both folders. */
  readonly move: (from: string, to: string) => Promise<void>;
  /** Target of a symlink as written. `undefined` if there is no link. */
  readonly readLink: (path: string) => Promise<string | undefined>;
  /** Replaces a symlink atomically: a temporary link is renamed over `path`, then the folder is synced. */
  readonly swapLink: (path: string, target: string) => Promise<void>;
  /** Free bytes on the workspace's disk. `undefined` if the system does not report them. */
  readonly freeBytes: () => Promise<number | undefined>;
  readonly listFolder: (path: string) => Promise<readonly string[]>;
}

export interface ProcessSpec {
  /** Runs without a shell. A shell command is `['sh', '-eu', '-c', script]`. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the log: stdout and stderr in their original order. */
  readonly logPath?: string;
  readonly timeoutMs?: number;
  /** Time between TERM and KILL for the process group. */
  readonly graceMs?: number;
  /** Whether processes that it leaves in the background live on after it exited with 0. */
  readonly mayLeaveServers?: boolean;
  readonly signal?: AbortSignal;
  readonly onStarted?: (identity: ProcessIdentity) => void;
  /**
   * Called only if lines are shown while the process runs. Overlong lines are cut. Both streams share one pipe, to keep
   * their order, so `stream` is always `stdout`.
   */
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Values to replace by `***` in the log and in lines, even if they span several lines. */
  readonly masked?: readonly string[];
}

export interface ProcessResult {
  readonly outcome: ProcessOutcome;
  /** The last lines of the log, at most 20, of a process that failed. Otherwise empty. */
  readonly tail: readonly string[];
  readonly durationMs: number;
  /** Absent for a process of this machine. */
  readonly job?: EngineJob;
}

/** Child processes, each in a process group that is ended as a whole. */
export interface Processes {
  readonly run: (spec: ProcessSpec) => Promise<ProcessResult>;
  readonly self: () => ProcessIdentity;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
  /** Whether any process has this pid now. It may not be the one that was recorded. */
  readonly isPidInUse: (pid: number) => boolean;
  /**
   * Memory in bytes: the current total of the process group or the peak of one of its processes, whichever is larger.
   * `undefined` outside Linux.
   */
  readonly memoryOf: (identity: ProcessIdentity) => number | undefined;
  /** Whether anybody sees what steps print while they run. */
  readonly areLinesShown: boolean;
  /** Number of running processes. */
  readonly running: () => number;
  /** Sends KILL to all of them without waiting. Their results are reported as usual. */
  readonly killAll: () => void;
  /**
   * Ends an orphan's process group (TERM, grace period, KILL), only if identity and REFIT_RUN_ID match the record.
   * Resolves when none of it is running.
   */
  readonly endOrphan: (identity: ProcessIdentity, runId: string) => Promise<'ended' | 'gone'>;
  /**
   * Ends every process with this REFIT_RUN_ID, in any group or session (only on Linux), but no job of an engine. Returns the pids of those that
   * did not end.
   */
  readonly endRun: (runId: string) => Promise<readonly number[]>;
}

interface WebhookCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The longest answer that is read; 64 KiB if absent. */
  readonly mostBytes?: number;
}

export interface Webhooks {
  /** `undefined` on success. Otherwise the reason, without the address. The body is not read. */
  readonly call: (url: string, call: WebhookCall) => Promise<string | undefined>;
  /** The response, whatever its status, except a redirect; or the reason why there was none, also that it is too long. */
  readonly ask: (
    url: string,
    call: WebhookCall,
  ) => Promise<{ readonly status: number; readonly text: string } | { readonly problem: string }>;
}

/** Logs of attempts, which may be large and still growing. Paths are workspace-relative. */
export interface Logs {
  /** Current size in bytes. `undefined` if the log does not exist. */
  readonly size: (path: string) => Promise<number | undefined>;
  /** At most `length` bytes from offset `from`. Empty at the end. */
  readonly read: (path: string, from: number, length: number) => Promise<Uint8Array>;
}

/** Freed by the kernel when the process dies. */
export interface Lock {
  readonly release: () => void;
}

export interface Locks {
  /** The caller is the only holder. Fails with `busy` at once, or after `waitMs`. */
  readonly lockPipeline: (pipeline: PipelineName, waitMs?: number) => Promise<Result<Lock, Failure>>;
  /** Several runs share it, and nobody holds it alone meanwhile. `busy` too while somebody waits to hold it alone. */
  readonly sharePipeline: (pipeline: PipelineName, waitMs?: number) => Promise<Result<Lock, Failure>>;
  /** For one who shares the pipeline: repairs what a crash left, one at a time. Waits. */
  readonly lockRepair: (pipeline: PipelineName) => Promise<Result<Lock, Failure>>;
  /** Proves to others that a run that shares its pipeline is alive. */
  readonly lockRun: (pipeline: PipelineName, run: RunId) => Promise<Result<Lock, Failure>>;
  /** Whether a process in any container of this machine is the only holder of the pipeline's lock. */
  readonly isHeld: (pipeline: PipelineName) => boolean;
  /** Whether a process in any container of this machine executes a run that shares its pipeline. */
  readonly isRunHeld: (run: RunId) => boolean;
  /** Removes what a dead run left of its lock. */
  readonly forgetRun: (run: RunId) => void;
  readonly openSteps: (pipeline: PipelineName, run: RunId) => Promise<Result<StepLocks, Failure>>;
}

/**
 * A cache for results that take long to compute. Keeps the newest entry for each name. A lost entry is computed again.
 */
export interface Memo {
  readonly read: (name: string, key: string) => unknown;
  readonly write: (name: string, key: string, value: unknown) => void;
}

/** Facts about the machine, and the environment that children get. */
export interface Surroundings {
  /** `programs`: interpreters used by steps, which are asked for their version. */
  readonly environment: (programs: readonly string[]) => Promise<Environment>;
  /** `linux-x64`. Part of fingerprints. */
  readonly platform: () => string;
  readonly actor: () => string;
  /** Who runs refit. `undefined` where the system has no such ids. */
  readonly user: () => { readonly uid: number; readonly gid: number } | undefined;
  /** Absolute folder of the `refit` command, for the PATH of steps. */
  readonly binFolder: string;
  /** Absolute path of the Node that runs refit. */
  readonly node: string;
  /** Whether a program of this name is on the PATH. Starts nothing. */
  readonly hasProgram: (name: string) => boolean;
  /** The environment that commands of pipelines inherit. It has no secrets: a command gets only those that it names. */
  readonly env: () => Readonly<Record<string, string>>;
  /** The same without the keys of AWS: for commands that only pass notices on. */
  readonly publicEnv: () => Readonly<Record<string, string>>;
  /** All variables that refit was started with, secrets too: to read what a file names, never for a child as it is. */
  readonly variables: () => Readonly<Record<string, string>>;
  /** Every form in which a secret may be printed. */
  readonly masked: () => readonly string[];
  /** The same of those secrets only that one of the texts holds: for a file that must not hold the others. */
  readonly maskedIn: (texts: readonly string[]) => readonly string[];
  /** A text with every secret in it replaced by `***`. */
  readonly mask: (text: string) => string;
}
