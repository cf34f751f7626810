import type { WorkspacePath } from '../ids.js';
import type { Instant } from '../support/time.js';

/** Rows that are kept out of a dataset: of a span of time, those that a condition is true for, or both. */
export interface Exclusion {
  readonly since?: Instant;
  readonly until?: Instant;
  readonly sql?: string;
  /** Columns that `sql` names: where one is not there, the condition is not true. */
  readonly columns?: readonly string[];
}

/** The files of a dataset as one command sees them. */
export interface ResolvedDataset {
  readonly name: string;
  /** Files in the workspace, sorted. */
  readonly sources: readonly WorkspacePath[];
  /** What readers get: the sources, or copies below `.refit/tmp` without the rows that do not exist yet. */
  readonly files: readonly WorkspacePath[];
  /** Of a query: what it is known by in a fingerprint, taken when its copy was made, instead of its files' hashes. */
  readonly known?: Readonly<Record<string, string>>;
  /** A query that is known, and whose copy will be made when a step that reads it runs. */
  readonly isPending?: boolean;
  /** Fingerprint parts of the rows that humans keep out of it. */
  readonly excluded?: Readonly<Record<string, string>>;
  /** Only where rows were hidden. */
  readonly cut?: { readonly since?: Instant; readonly until?: Instant };
}
