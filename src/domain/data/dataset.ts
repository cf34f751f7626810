import type { WorkspacePath } from '../ids.js';
import type { Instant } from '../support/time.js';
import type { RowSelection, ValueSelection } from './row-selection.js';

/** What was kept out of a dataset, in words: a span of time, a selection of rows, or outliers. */
export interface ExcludedRows {
  readonly dataset: string;
  readonly rows: string;
}

/** Rows to exclude from a dataset: those in a span of time, those that meet a condition, or both. */
export interface Exclusion {
  readonly since?: Instant;
  readonly until?: Instant;
  /** Of a table without the column it selects none. */
  readonly rows?: RowSelection | ValueSelection;
  /** What identifies the rows in a fingerprint, in place of their selection. */
  readonly label?: string;
}

/** The files of a dataset for one command. */
export interface ResolvedDataset {
  readonly name: string;
  /** Files in the workspace, sorted. */
  readonly sources: readonly WorkspacePath[];
  /** The files to read: the sources, or copies below `.refit/tmp` without the rows that do not exist yet. */
  readonly files: readonly WorkspacePath[];
  /** For a query: its fingerprint parts, taken when its copy was made, in place of file hashes. */
  readonly known?: Readonly<Record<string, string>>;
  /** A query with a known fingerprint whose copy is made when a step that reads it runs. */
  readonly isPending?: boolean;
  /** Fingerprint parts of the rows that people excluded. */
  readonly excluded?: Readonly<Record<string, string>>;
  /** Set only if rows were hidden. */
  readonly cut?: { readonly since?: Instant; readonly until?: Instant };
}
