import type { Exclusion } from '../data/dataset.js';
import type { ColumnType, TableProfile } from '../data/profile.js';
import type { ReadFault } from '../data/read-fault.js';
import type { SnapshotColumn } from '../data/snapshot.js';
import type { Failure } from '../failure.js';
import type { Predicate } from '../support/predicate.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';
import type { PredictionLog, PredictionSources } from './prediction-log.js';
import type { OpenDatabase, RowSizes, SourceColumn } from './sources.js';

/** A table to read: files (absolute paths; CSV, Parquet, JSON, JSON lines) or a query, limited by event time. */
export interface TableSource {
  readonly from:
    | { readonly kind: 'files'; readonly paths: readonly string[] }
    | {
        readonly kind: 'query';
        readonly sql: string;
        readonly name?: string;
        /** Faults of the files that its tables were read from. */
        readonly faults?: readonly ReadFault[];
      };
  /** Types of text columns by name, known from a reference or a schema. */
  readonly types?: ReadonlyMap<string, KnownColumn>;
  /** More files of the same table. Types of text columns follow from their values too, but their rows are not read. */
  readonly typedWith?: readonly string[];
  readonly timeColumn?: string;
  /** What names the time column: `datasets.sales.time`. If absent: `--time`. For failures. */
  readonly timeNamedBy?: string;
  /** Rows with `since <= time < until`. A missing bound is open. */
  readonly since?: Instant;
  readonly until?: Instant;
  /** Rows to exclude. */
  readonly without?: readonly Exclusion[];
  /** Only rows with this value, as text. */
  readonly segment?: { readonly column: string; readonly value: string };
}

export interface KnownColumn {
  readonly type: ColumnType;
  /** For dates with the year last. */
  readonly isDayFirst?: boolean;
}

/**
 * A column and its cells: upper bounds for numbers (one more cell lies above), or values for categories (one more cell
 * for the others).
 */
export type SpanColumn = { readonly name: string } & (
  | { readonly edges: readonly number[] }
  | { readonly values: readonly string[] }
);

/** Rows of one span of time in one file. */
export interface TableSpan {
  readonly from: Instant;
  /** File name without its folder. Absent for a query. */
  readonly file?: string;
  readonly rows: number;
  /** Row counts by cell for each column. The last cell counts missing values. */
  readonly counts: readonly (readonly number[])[];
}

/** Checks on the rows of a table, and where to write rows that break them. */
export interface TableCheck {
  readonly conditions: readonly RowCondition[];
  /** Judges whole rows by these number columns. Rows are passed in this order. */
  readonly rowOutliers?: {
    readonly columns: readonly string[];
    readonly isOutlier: (row: readonly (number | null)[]) => boolean;
    readonly reason?: string;
  };
  readonly write?: {
    /** Absolute paths. The ending gives the format. */
    readonly quarantine?: string;
    readonly clean?: string;
    /** In the clean rows, values beyond a bound are replaced by the bound. */
    readonly caps: readonly { readonly column: string; readonly lower: number; readonly upper: number }[];
  };
  /** The same source with paths as the reader of a finding knows them, for listing statements. */
  readonly shown: TableSource;
}

export interface RowCondition {
  readonly predicate: Predicate;
  /** Rows that break it are not clean. The quarantine file gives this reason. */
  readonly reason?: string;
  readonly isOutlier?: boolean;
}

export interface TableChecked {
  readonly rows: number;
  /** One for each condition, in the same order. */
  readonly conditions: readonly ConditionChecked[];
  /** Rows that break at least one outlier condition. */
  readonly outlierRows: number;
  readonly rowOutliers?: number;
  readonly quarantined?: number;
}

export interface ConditionChecked {
  readonly bad: number;
  /** Why the condition could not be checked: an unknown column, a wrong type. */
  readonly fault?: string;
  /** A statement that lists the bad rows, if there are any. */
  readonly sql?: string;
  /** Whether a row alone shows that it is bad. */
  readonly isOfRows?: boolean;
  /** The most frequent bad values. */
  readonly examples: readonly { readonly value: string; readonly rows: number }[];
}

export interface Relation {
  readonly sql: string;
  readonly shown: string;
  readonly faults: readonly ReadFault[];
}

/** Rows of a remote source, to be written as Parquet. Paths are absolute. */
export interface SnapshotInput {
  /** For failures. */
  readonly name: string;
  readonly input:
    | {
        readonly kind: 'text';
        readonly path: string;
        readonly columns: readonly SourceColumn[];
        readonly sizes?: RowSizes;
      }
    | { readonly kind: 'file'; readonly path: string };
}

export interface WrittenSnapshot {
  readonly rows: number;
  readonly columns: readonly SnapshotColumn[];
}

/** `row-condition`: an expression that follows from the values of one row, without a query of its own. */
export type SqlKind = 'expression' | 'query' | 'row-condition';

/** The only reader of data: DuckDB, in this process, opened on first use. */
export interface Datasets extends AsyncDisposable {
  /** Files and patterns of the command line may be read although they lie outside of the workspace. Before anything is read. */
  readonly allow: (paths: readonly string[]) => void;
  /** A DuckDB database file as a source of rows. */
  readonly openDatabase: OpenDatabase;
  /** Why a text is not one SQL condition or query, as DuckDB's own parser sees it. */
  readonly sqlFault: (text: string, kind: SqlKind) => Promise<string | undefined>;
  /** Whether a `(SELECT 0 AS refit_value)` of a query stands in quotes, and so is text or a name there. */
  readonly hasQuotedValue: (marked: string) => Promise<boolean>;
  /**
   * With `reference`: also counts the rows of a window in the reference's cells. Fails if `signal` aborts because the
   * result is no longer needed.
   */
  readonly profile: (
    source: TableSource,
    reference?: TableProfile,
    signal?: AbortSignal,
  ) => Promise<Result<TableProfile, Failure>>;
  /** At most `rows` random rows (the same each time), by columns. Missing columns are left out. */
  readonly sample: (
    source: TableSource,
    columns: readonly string[],
    rows: number,
  ) => Promise<Result<ReadonlyMap<string, readonly (number | string | null)[]>, Failure>>;
  /** Column names of a table. Reads no rows. */
  readonly columns: (source: TableSource) => Promise<Result<readonly string[], Failure>>;
  /**
   * Row counts by span of time and file, by cell for each column, in order of time. Shows where in a window a change
   * begins. Without a time column, one span at time 0 for each file.
   */
  readonly countSpans: (
    source: TableSource,
    spanMs: number,
    columns: readonly SpanColumn[],
  ) => Promise<Result<readonly TableSpan[], Failure>>;
  readonly countRows: (source: TableSource) => Promise<Result<number, Failure>>;
  readonly timeRange: (
    source: TableSource,
  ) => Promise<Result<{ readonly from: Instant; readonly to: Instant; readonly rows: number } | undefined, Failure>>;
  /** Writes the selected rows of one file to another of the same format. Returns the number of rows. */
  readonly copyCut: (source: TableSource, toAbsolutePath: string) => Promise<Result<number, Failure>>;
  /** Writes what was read from a remote source to a new Parquet file at an absolute path. */
  readonly writeSnapshot: (input: SnapshotInput, to: string) => Promise<Result<WrittenSnapshot, Failure>>;
  /** Counts the rows that break conditions, and writes them if asked. */
  readonly check: (source: TableSource, work: TableCheck) => Promise<Result<TableChecked, Failure>>;
  /**
   * A table as an item of a FROM clause, for a query over several: with its own paths, and with the paths of `shown`
   * (in the same order) for people.
   */
  readonly relation: (source: TableSource, shown?: readonly string[]) => Promise<Result<Relation, Failure>>;
  /** Whether a query's result depends only on the named tables, and on no file, clock or randomness. */
  readonly isReproducible: (sql: string, tables: readonly string[]) => Promise<boolean>;
  /** Numeric columns of a small table, such as the predictions of two evaluations, joined by `id` if both have it. */
  readonly readColumns: (
    source: TableSource,
    columns: readonly string[],
  ) => Promise<Result<ReadonlyMap<string, readonly (number | string | null)[]>, Failure>>;
  /** Predictions joined with their labels. `place`: an absolute path below `.refit/cache` to keep it at. */
  readonly openPredictionLog: (sources: PredictionSources, place?: string) => Promise<Result<PredictionLog, Failure>>;
}
