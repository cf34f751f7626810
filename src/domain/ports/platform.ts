import type { Failure } from '../failure.js';
import type { PipelineName, WorkspacePath } from '../ids.js';
import type { CodeVersion, Environment, ProcessIdentity, ProcessOutcome } from '../runs/run.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';

export interface Clock {
  readonly now: () => Instant;
  /** For durations: never goes back. */
  readonly monotonicMs: () => number;
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other';
  readonly size: number;
  readonly mtimeMs: number;
}

/** Files of the workspace; every path is workspace-relative, and none leads out of it. */
export interface Files {
  /** Absolute path of the workspace root; for handing to processes, never for storing. */
  readonly root: string;
  readonly absolute: (path: string) => string;
  readonly stat: (path: string) => Promise<FileStat | undefined>;
  readonly readText: (path: string) => Promise<Result<string, Failure>>;
  /** Visible whole or not at all: temp, fsync, rename, fsync of the folder. */
  readonly writeText: (path: string, text: string) => Promise<Result<void, Failure>>;
  /** Writes a file below a scratch folder: no other process looks there, and after a crash nobody will. */
  readonly writeScratch: (path: string, text: string) => Promise<void>;
  /** Why nothing of a pipeline may be written there, links followed: it lies in `.git` or `.refit`. */
  readonly faultOfOutput: (path: string) => string | undefined;
  /** Files matching any of the globs, sorted by code unit; dotfolders only where a pattern names them. */
  readonly glob: (patterns: readonly string[]) => Promise<readonly string[]>;
  readonly makeFolder: (path: string) => Promise<void>;
  /** The same, with every folder that it made written to the disk: for what must survive a power loss. */
  readonly makeFolderDurably: (path: string) => Promise<void>;
  /** A folder of its own below `.refit/tmp`, `<prefix>-<pid>-…`; gone at the latest when the command ends. */
  readonly makeScratch: (prefix: string) => Promise<WorkspacePath>;
  readonly removeScratch: () => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** Rename within the file system; the target is replaced; the parents are made; both folders are fsynced. */
  readonly move: (from: string, to: string) => Promise<void>;
  /** Target of a symlink as written, `undefined` where there is none. */
  readonly readLink: (path: string) => Promise<string | undefined>;
  /** Swaps a symlink in one rename: a temporary link renamed over `path`, then fsync of the folder. */
  readonly swapLink: (path: string, target: string) => Promise<void>;
  /** Bytes that are left on the workspace's disk; `undefined` where the system does not say. */
  readonly freeBytes: () => Promise<number | undefined>;
  readonly listFolder: (path: string) => Promise<readonly string[]>;
}

export interface ProcessSpec {
  /** Run without a shell; a shell command is `['sh', '-eu', '-c', script]`. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path: stdout and stderr in the order they came. */
  readonly logPath?: string;
  readonly timeoutMs?: number;
  /** Between TERM and KILL to the whole process group. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
  readonly onStarted?: (identity: ProcessIdentity) => void;
  /**
   * Called only where lines are shown as they come, an overlong one cut. Both streams come through one pipe, so that their
   * order is the real one: `stream` is `stdout` for either.
   */
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Values replaced by `***` in the log and in lines, also where they span several lines. */
  readonly masked?: readonly string[];
}

export interface ProcessResult {
  readonly outcome: ProcessOutcome;
  /** Last lines of the log, at most 20, of a process that did not exit with 0; else none. */
  readonly tail: readonly string[];
  readonly durationMs: number;
}

/** Subprocesses, each in a process group of its own that ends as a whole. */
export interface Processes {
  readonly run: (spec: ProcessSpec) => Promise<ProcessResult>;
  readonly self: () => ProcessIdentity;
  readonly isAlive: (identity: ProcessIdentity) => boolean;
  /** Whether any process has this pid now: it may be another than the one that is meant. */
  readonly isPidInUse: (pid: number) => boolean;
  /**
   * Bytes of memory that the process group holds now, or one process of it held at its peak, whichever is more (Linux;
   * elsewhere it is not known).
   */
  readonly memoryOf: (identity: ProcessIdentity) => number | undefined;
  /** How many run now. */
  readonly running: () => number;
  /** KILL to all of them, at once and without waiting; they are reported as usual. */
  readonly killAll: () => void;
  /**
   * Ends the group of an orphan (TERM, grace, KILL), only when identity and REFIT_RUN_ID are those recorded. Resolves
   * when nothing of it runs.
   */
  readonly endOrphan: (identity: ProcessIdentity, runId: string) => Promise<'ended' | 'gone'>;
  /**
   * Ends every process that was started with this REFIT_RUN_ID, whatever group or session it is in now (Linux; elsewhere
   * none is found). Gives the pids of those that did not end.
   */
  readonly endRun: (runId: string) => Promise<readonly number[]>;
}

interface WebhookCall {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Webhooks {
  /** `undefined` when it was answered with a success; else why not, in words without the address. The body is not read. */
  readonly call: (url: string, call: WebhookCall) => Promise<string | undefined>;
  /** What was answered, at most 64 KiB, whatever the status but a redirect; else why nothing was. */
  readonly ask: (
    url: string,
    call: WebhookCall,
  ) => Promise<{ readonly status: number; readonly text: string } | { readonly problem: string }>;
}

/** Logs of attempts: they may be huge, and still growing. Paths are workspace-relative. */
export interface Logs {
  /** Bytes now; `undefined` where there is no such log. */
  readonly size: (path: string) => Promise<number | undefined>;
  /** At most `length` bytes from byte `from` on; none at the end. */
  readonly read: (path: string, from: number, length: number) => Promise<Uint8Array>;
}

/** The kernel frees it when the process dies. */
export interface Lock {
  readonly release: () => void;
}

export interface Locks {
  /** One holder per pipeline; `busy` at once, or after `waitMs`. */
  readonly lockPipeline: (pipeline: PipelineName, waitMs?: number) => Promise<Result<Lock, Failure>>;
  /** Whether somebody works on the pipeline at this moment, seen from any container of this machine. */
  readonly isHeld: (pipeline: PipelineName) => boolean;
}

/** Keeps what is costly to compute and the same for the same key; the newest a name. What it lost is computed again. */
export interface Memo {
  readonly read: (name: string, key: string) => unknown;
  readonly write: (name: string, key: string, value: unknown) => void;
}

/** What the surroundings say of code and machine. */
export interface Surroundings {
  readonly codeVersion: () => Promise<CodeVersion & { readonly diffText?: string }>;
  /** `programs`: interpreters that steps use, asked for their version. */
  readonly environment: (programs: readonly string[]) => Promise<Environment>;
  /** `linux-x64`: counts in fingerprints. */
  readonly platform: () => string;
  readonly actor: () => string;
  /** Absolute folder that holds the `refit` command itself, for the PATH of steps. */
  readonly binFolder: string;
  /** The environment that commands of pipelines inherit: without secrets, which they get only where they name them. */
  readonly env: () => Readonly<Record<string, string>>;
  /** The same without the keys of AWS: for commands that only pass notices on. */
  readonly publicEnv: () => Readonly<Record<string, string>>;
  /** All variables that refit was started with, secrets too: to read what a file names, never for a child as it is. */
  readonly variables: () => Readonly<Record<string, string>>;
  /** Every form in which a secret may be printed. */
  readonly masked: () => readonly string[];
  /** A text with every secret in it replaced by `***`. */
  readonly mask: (text: string) => string;
}
