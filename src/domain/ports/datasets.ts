import type { Exclusion } from '../dataset.js';
import type { Failure } from '../failure.js';
import type { TableProfile } from '../profile.js';
import type { Result } from '../result.js';
import type { Instant } from '../time.js';

/** A table to read: files (absolute paths; CSV, Parquet, JSON, JSON lines) or a query, with a cut by event time. */
export interface TableSource {
  readonly from:
    | { readonly kind: 'files'; readonly paths: readonly string[] }
    | { readonly kind: 'query'; readonly sql: string };
  readonly timeColumn?: string;
  /** Rows with `since <= time < until`; a missing bound is open. */
  readonly since?: Instant;
  readonly until?: Instant;
  /** Rows that are left out. */
  readonly without?: readonly Exclusion[];
  /** Only rows with this value, as text. */
  readonly segment?: { readonly column: string; readonly value: string };
}

/** The only reader of data: DuckDB, in process, opened on first use. */
export interface Datasets extends AsyncDisposable {
  /** With `reference`: the profile of a window that is to be judged, its rows also counted in the reference's cells. */
  readonly profile: (source: TableSource, reference?: TableProfile) => Promise<Result<TableProfile, Failure>>;
  /** At most `rows` rows chosen at random (the same ones each time), by columns; columns that are not there are left out. */
  readonly sample: (
    source: TableSource,
    columns: readonly string[],
    rows: number,
  ) => Promise<Result<ReadonlyMap<string, readonly (number | string | null)[]>, Failure>>;
  readonly countRows: (source: TableSource) => Promise<Result<number, Failure>>;
  readonly timeRange: (
    source: TableSource,
  ) => Promise<Result<{ readonly from: Instant; readonly to: Instant; readonly rows: number } | undefined, Failure>>;
  /** Writes the cut rows of one file to another of the same format; returns the rows written. */
  readonly copyCut: (source: TableSource, toAbsolutePath: string) => Promise<Result<number, Failure>>;
  /** Rows for which a SQL expression is not true. */
  readonly countViolations: (source: TableSource, rule: string) => Promise<Result<number, Failure>>;
  /** Numeric columns of a small table, e.g. the predictions of two evaluations, joined by `id` where both have it. */
  readonly readColumns: (
    source: TableSource,
    columns: readonly string[],
  ) => Promise<Result<ReadonlyMap<string, readonly (number | string | null)[]>, Failure>>;
}
