import type { Failure } from '../failure.js';
import type { Result } from '../support/result.js';

export interface CheckOut {
  readonly commit: string;
  /** `git diff HEAD` of then, laid over it. */
  readonly diffText?: string;
  /** Workspace-relative folder that gets the workspace's own part of the commit; made where it is not there. */
  readonly folder: string;
  /** Only these files of the workspace; without it all. Those that the commit does not have are left out. */
  readonly paths?: readonly string[];
}

/** The history of the workspace's code, where it is in git. */
export interface Git {
  /** Puts the code of a commit, with the changes that were not committed, into a folder; `not-found` when git does not have it. */
  readonly checkOut: (what: CheckOut) => Promise<Result<void, Failure>>;
}
