import type { Failure } from '../failure.js';
import type { CodeVersion } from '../runs/run.js';
import type { Result } from '../support/result.js';

export interface CheckOut {
  readonly commit: string;
  /** The `git diff HEAD` that was recorded, applied on top. */
  readonly diffText?: string;
  /** Workspace-relative folder for the workspace's part of the commit. Created if missing. */
  readonly folder: string;
  /**
   * Only these files of the workspace, with the bytes that git stores, for commands that only read. Files that are not in the
   * commit are skipped. All files if absent, as a checkout would write them.
   */
  readonly paths?: readonly string[];
}

export type RecordedCode = CodeVersion & { readonly diffText?: string };

export interface Tracked {
  readonly commit: string;
  readonly withSubmodules: boolean;
}

/** Commits of a revision, newest first; at least one. `isShallow`: the clone lacks earlier ones. */
export type History =
  | { readonly commits: readonly string[]; readonly isShallow: boolean }
  | { readonly problem: 'no-repository' }
  | { readonly problem: 'unknown-revision'; readonly isShallow: boolean };

/** The history of the workspace's code in git. No setting of the repository starts a program. */
export interface Git {
  /** The commit and the uncommitted changes of the workspace. Without a repository it names no commit. */
  readonly codeVersion: () => Promise<RecordedCode>;
  /** Writes the code of a commit, with its uncommitted changes, to a folder. `not-found` if git does not have it. */
  readonly checkOut: (what: CheckOut) => Promise<Result<void, Failure>>;
  /** The commits of a branch, a tag, a hash or a form such as `HEAD~1`, by first parents. */
  readonly history: (what: { readonly revision: string; readonly limit: number }) => Promise<History>;
  /** The files of the workspace that a commit holds. Empty if git does not have the commit. */
  readonly tracked: (what: Tracked) => Promise<ReadonlySet<string>>;
}
