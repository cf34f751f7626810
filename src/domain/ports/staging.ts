import type { StagedEntry } from '../runs/staged-job.js';
import type { StagingProblem } from '../runs/staging-problem.js';
import type { Result } from '../support/result.js';

/** An entry before its content is hashed. */
export type ListedEntry =
  | { readonly kind: 'file'; readonly path: string; readonly size: number; readonly mode: number }
  | Exclude<StagedEntry, { readonly kind: 'file' }>;

export type StagedFile = Extract<StagedEntry, { readonly kind: 'file' }>;

/** Gets the content of a file into a new one at an absolute path. */
export type FetchFile = (file: StagedFile, to: string) => Promise<Result<void, StagingProblem>>;

/** Files and folders of the workspace that go to another machine, or come from one. */
export interface Staging {
  /**
   * Puts a piece of a log at its place, by bytes. What is there already is not written twice. False, and nothing is written, if a
   * piece before it is not there.
   */
  readonly addToLog: (path: string, from: number, bytes: Uint8Array) => Promise<Result<boolean, StagingProblem>>;
  /** What is at these paths and below them. The reason, if that cannot be read. */
  readonly list: (paths: readonly string[]) => Result<readonly ListedEntry[], StagingProblem>;
  /**
   * Puts entries in place of what is at `paths`: each of these whole, with its modes, after every byte has been compared with its
   * hash. What is at a path of which there is no entry is removed. `into`: the folder at the path stays, and what is in it is
   * replaced. Nothing is replaced once `signal` aborts: then the promise rejects.
   */
  readonly place: (
    entries: readonly StagedEntry[],
    paths: readonly string[],
    options: { readonly fetch: FetchFile; readonly into?: boolean; readonly signal?: AbortSignal },
  ) => Promise<Result<void, StagingProblem>>;
}
