import type { TableProblem } from './data/read-fault.js';
import type { SourceFailure } from './data/source-failure.js';
import type { Removed } from './models/removed.js';
import type { Diagnostic } from './pipeline/diagnostic.js';
import type { JobEnd } from './runs/job.js';
import type { StagingProblem } from './runs/staging-problem.js';
import type { Instant } from './support/time.js';

/**
 * A problem outside refit's control. Facts only: render/parts/failure-text.ts has the words. Paths inside the workspace are
 * relative to it. cli/exit-codes.ts has the exit code for each.
 */
export type Failure =
  // The user's files and arguments
  | { readonly code: 'invalid-pipeline'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly code: 'invalid-filter'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly code: 'usage'; readonly problem: string; readonly next: string }
  | { readonly code: 'no-workspace'; readonly searchedFrom: string }
  | {
      readonly code: 'pipeline-not-found';
      readonly name: string;
      readonly available: readonly string[];
      /** What the name is instead, and the line to type. */
      readonly hint?: string;
    }
  | {
      readonly code: 'section-missing';
      readonly pipeline: string;
      readonly section: string;
      readonly command: string;
      readonly lines: string;
    }
  | {
      readonly code: 'not-found';
      readonly what: string;
      readonly name: string;
      readonly available: readonly string[];
      readonly next: string;
      /** What the name is instead, and the line to type. */
      readonly hint?: string;
      /** For a column: the option, or the key of the pipeline file, that names it. */
      readonly namedBy?: string;
    }
  | { readonly code: 'now-before-last-decision'; readonly now: string; readonly last: string }
  // files
  | { readonly code: 'file-unreadable'; readonly path: string; readonly reason: string }
  | { readonly code: 'file-unwritable'; readonly path: string; readonly reason: string }
  | { readonly code: 'path-outside-workspace'; readonly path: string }
  // steps
  | {
      readonly code: 'step-exited';
      readonly step: string;
      readonly exitCode: number;
      readonly logPath: string;
      readonly tail: readonly string[];
      /** The disk was full when the step ended, so its own message may be missing from the log. */
      readonly isDiskFull?: boolean;
      /** It ran by itself or in scratch: the next time, all of it runs again. */
      readonly isApart?: boolean;
    }
  | {
      readonly code: 'step-signalled';
      readonly step: string;
      readonly signal: string;
      readonly logPath: string;
      readonly tail: readonly string[];
      /** It ran by itself or in scratch: the next time, all of it runs again. */
      readonly isApart?: boolean;
    }
  | {
      readonly code: 'step-timed-out';
      readonly step: string;
      readonly afterMs: number;
      readonly logPath: string;
      readonly tail: readonly string[];
    }
  | { readonly code: 'step-not-started'; readonly step: string; readonly reason: string }
  | { readonly code: 'command-refused'; readonly step: string; readonly reason: string }
  | {
      readonly code: 'container-engine-missing';
      readonly step: string;
      readonly image: string;
      /** The only one that would do; absent: any of them. */
      readonly engine?: string;
      /** Those that would do, where not every one would. */
      readonly engines?: readonly string[];
      /** Of a cluster; absent: this machine. */
      readonly node?: string;
    }
  | {
      readonly code: 'image-unavailable';
      readonly image: string;
      readonly engine: string;
      readonly node?: string;
      readonly tail: readonly string[];
    }
  | {
      readonly code: 'container-not-started';
      readonly step: string;
      readonly image: string;
      readonly engine: string;
      readonly node?: string;
      readonly logPath: string;
      readonly tail: readonly string[];
    }
  | { readonly code: 'step-cancelled'; readonly step: string; readonly isApart?: boolean }
  /** The engine ended the job of a step, or lost it. */
  | {
      readonly code: 'job-ended';
      readonly step: string;
      readonly reason: JobEnd;
      readonly engine: string;
      readonly job: string;
      readonly node?: string;
      readonly logPath: string;
      readonly tail: readonly string[];
    }
  /** Files did not get through the store to the node of a job, or back. `node`: absent where this machine had the problem. */
  | ({
      readonly code: 'staging-failed';
      readonly step: string;
      /** The remote. */
      readonly store: string;
      readonly node?: string;
      /** What was in the pod is gone with it. */
      readonly isInPod?: boolean;
    } & StagingProblem)
  /** `value`: the named value that the file at `path` lacks. */
  | { readonly code: 'input-missing'; readonly step: string; readonly path: string; readonly value?: string }
  /** A file of which a step reads single values is no YAML or JSON. */
  | { readonly code: 'values-unreadable'; readonly step: string; readonly path: string; readonly reason: string }
  | { readonly code: 'input-moved'; readonly step: string; readonly paths: readonly string[] }
  /** An output changed between the end of the step and its copy to the store. */
  | { readonly code: 'output-moved'; readonly step: string; readonly path: string }
  | { readonly code: 'output-missing'; readonly step: string; readonly path: string; readonly logPath: string }
  | {
      readonly code: 'metrics-invalid';
      readonly step: string;
      readonly path: string;
      readonly key?: string;
      readonly problem: string;
    }
  | {
      readonly code: 'expectation-failed';
      readonly step: string;
      readonly metric: string;
      readonly value?: number;
      readonly min?: number;
      readonly max?: number;
    }
  | {
      readonly code: 'output-unexpected';
      readonly step: string;
      /** The name in `expect`, and the path. */
      readonly output: string;
      readonly path: string;
      readonly problem: 'empty' | 'sha256';
      readonly expected?: string;
      readonly found?: string;
    }
  | {
      readonly code: 'environment-missing';
      readonly step: string;
      readonly kind: 'python' | 'conda';
      readonly name: string;
      readonly reason: string;
      readonly next: string;
    }
  /** The folder holds files, and refit has not made it. */
  | { readonly code: 'checkpoint-foreign'; readonly step: string; readonly path: string }
  | {
      readonly code: 'env-missing';
      /** The name of the step, or of the dataset whose command needs it. */
      readonly step: string;
      readonly owner?: 'dataset';
      readonly name: string;
      readonly kind: 'env' | 'secret';
    }
  // data
  | { readonly code: 'data-unreadable'; readonly source: string; readonly reason: string }
  /** `path`: the file outside the workspace and the allowed roots that the source leads to. */
  | { readonly code: 'query-too-slow'; readonly source: string; readonly limitMs: number }
  | { readonly code: 'data-outside-workspace'; readonly source: string; readonly path: string }
  | {
      readonly code: 'table-malformed';
      readonly path: string;
      readonly line?: number;
      readonly problem: TableProblem;
    }
  /** The rows are cut by a column that they do not have. */
  | {
      readonly code: 'column-missing';
      readonly source: string;
      readonly column: string;
      /** The option, or the key of the pipeline file, that names it. */
      readonly namedBy: string;
      readonly columns: readonly string[];
    }
  | { readonly code: 'data-empty'; readonly source: string; readonly detail: string }
  | {
      readonly code: 'columns-differ';
      readonly reference: string;
      readonly current: string;
      readonly missing: readonly string[];
      readonly added: readonly string[];
    }
  | SourceFailure
  // models
  | { readonly code: 'model-missing'; readonly path: string; readonly pipeline: string }
  | { readonly code: 'evaluation-invalid'; readonly version: string; readonly path: string; readonly problem: string }
  | { readonly code: 'promotion-refused'; readonly version: string; readonly checks: readonly string[] }
  | {
      readonly code: 'rollback-refused';
      readonly version: string;
      readonly because: 'never-served' | 'served-by-force' | 'rejected' | 'not-approved';
    }
  /**
   * The bytes of the version are not in the store: gc removed them, or they never came. `others`: versions that served and whose bytes
   * are here, newest first.
   */
  | {
      readonly code: 'bytes-removed';
      readonly version: string;
      readonly by: Removed['by'];
      readonly at: Instant;
      readonly others: readonly string[];
    }
  | {
      readonly code: 'registry-rewound';
      readonly path: string;
      readonly expected: string;
      readonly found: string;
    }
  | { readonly code: 'publish-conflict'; readonly model: string; readonly expected: string; readonly found: string }
  | { readonly code: 'hook-failed'; readonly hook: string; readonly reason: string; readonly logPath?: string }
  // Surroundings of refit
  | {
      readonly code: 'busy';
      readonly pipeline: string;
      readonly holder?: string;
      readonly run?: string;
      /** The run works on this step, or uses what it has made. Without it, the whole pipeline is held. */
      readonly step?: string;
      /** The two runs would have waited for each other without end, perhaps through others: this one is younger. */
      readonly hasGivenWay?: boolean;
    }
  | { readonly code: 'orphans-alive'; readonly run: string; readonly pids: readonly number[] }
  | {
      readonly code: 'integrity';
      readonly what: string;
      readonly expected: string;
      readonly found: string;
      readonly next: string;
    }
  | { readonly code: 'remote-unreachable'; readonly remote: string; readonly reason: string }
  /** GitHub or GitLab took no comment. `place`: the pull request, such as `owner/name#12`. */
  | { readonly code: 'comment-failed'; readonly place: string; readonly reason: string; readonly next: string }
  /** Another machine's champion reached the remote first. */
  | {
      readonly code: 'champion-overtaken';
      readonly remote: string;
      readonly model: string;
      readonly ours: string;
      readonly theirs: string;
    }
  | { readonly code: 'registry-corrupt'; readonly path: string; readonly reason: string }
  | { readonly code: 'registry-unusable'; readonly path: string; readonly reason: string; readonly next?: string }
  /** The program that keeps the user's schedules: crontab, systemctl. */
  | { readonly code: 'schedule-unusable'; readonly program: string; readonly reason: string }
  /** A bug in refit that must not end the whole command. */
  | { readonly code: 'bug'; readonly pipeline: string; readonly stack: string }
  | { readonly code: 'unsupported'; readonly what: string; readonly next: string };

/** The failure of a command that ran by itself or in scratch, so that no finished step is skipped when it runs again. */
export const apart = (failure: Failure): Failure =>
  failure.code === 'step-exited' || failure.code === 'step-signalled' || failure.code === 'step-cancelled'
    ? { ...failure, isApart: true }
    : failure;
