import type { Exclusion } from '../data/dataset.js';
import type { ColumnType, TableProfile } from '../data/profile.js';
import type { ReadFault } from '../data/read-fault.js';
import type { Failure } from '../failure.js';
import type { Predicate } from '../support/predicate.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';
import type { PredictionLog, PredictionSources } from './prediction-log.js';

/** A table to read: files (absolute paths; CSV, Parquet, JSON, JSON lines) or a query, with a cut by event time. */
export interface TableSource {
  readonly from:
    | { readonly kind: 'files'; readonly paths: readonly string[] }
    | {
        readonly kind: 'query';
        readonly sql: string;
        readonly name?: string;
        /** Of the files that its tables were read from. */
        readonly faults?: readonly ReadFault[];
      };
  /** What text columns are read as, where a reference or a schema knows them; by name. */
  readonly types?: ReadonlyMap<string, KnownColumn>;
  /** Further files of the same table: the types of text columns follow from their values too, but none of their rows are read. */
  readonly typedWith?: readonly string[];
  readonly timeColumn?: string;
  /** Rows with `since <= time < until`; a missing bound is open. */
  readonly since?: Instant;
  readonly until?: Instant;
  /** Rows that are left out. */
  readonly without?: readonly Exclusion[];
  /** Only rows with this value, as text. */
  readonly segment?: { readonly column: string; readonly value: string };
}

export interface KnownColumn {
  readonly type: ColumnType;
  /** Of dates with the year last. */
  readonly isDayFirst?: boolean;
}

/** A column and its cells: upper bounds of a number's (one more lies above them), or the values of a category's (one more for the others). */
export type SpanColumn = { readonly name: string } & (
  | { readonly edges: readonly number[] }
  | { readonly values: readonly string[] }
);

/** Rows of one span of time from one file. */
export interface TableSpan {
  readonly from: Instant;
  /** Name without its folder; absent where the source is a query. */
  readonly file?: string;
  readonly rows: number;
  /** For each column its rows by cell; a last cell for missing ones. */
  readonly counts: readonly (readonly number[])[];
}

/** What the rows of a table are held to, and where those that break it are written. */
export interface TableCheck {
  readonly conditions: readonly RowCondition[];
  /** Rows judged as a whole by some of their number columns; a row is handed over in this order. */
  readonly rowOutliers?: {
    readonly columns: readonly string[];
    readonly isOutlier: (row: readonly (number | null)[]) => boolean;
    readonly reason?: string;
  };
  readonly write?: {
    /** Absolute paths; the ending says the format. */
    readonly quarantine?: string;
    readonly clean?: string;
    /** Values beyond a bound become the bound, in what is clean. */
    readonly caps: readonly { readonly column: string; readonly lower: number; readonly upper: number }[];
  };
  /** The same source by paths as the reader of a finding knows them: what the listing statements name. */
  readonly shown: TableSource;
}

export interface RowCondition {
  readonly predicate: Predicate;
  /** Rows that break it are no clean ones; this is what the quarantine file says of them. */
  readonly reason?: string;
  readonly isOutlier?: boolean;
}

export interface TableChecked {
  readonly rows: number;
  /** One for each condition, in their order. */
  readonly conditions: readonly ConditionChecked[];
  /** Rows outside at least one of the conditions that are outliers'. */
  readonly outlierRows: number;
  readonly rowOutliers?: number;
  readonly quarantined?: number;
}

export interface ConditionChecked {
  readonly bad: number;
  /** Why it could not be asked at all: an unknown column, a wrong type. */
  readonly fault?: string;
  /** The statement that lists the bad rows, where there are any. */
  readonly sql?: string;
  /** What is true for a bad row and no other, where each row tells by itself. */
  readonly condition?: string;
  /** The commonest bad values. */
  readonly examples: readonly { readonly value: string; readonly rows: number }[];
}

export interface Relation {
  readonly sql: string;
  readonly shown: string;
  readonly faults: readonly ReadFault[];
}

/** The only reader of data: DuckDB, in process, opened on first use. */
export interface Datasets extends AsyncDisposable {
  /** Files and patterns of the command line may be read although they lie outside of the workspace. Before anything is read. */
  readonly allow: (paths: readonly string[]) => void;
  /** Why a text of a file is not one SQL condition or query, as DuckDB's own parser sees it. */
  readonly sqlFault: (text: string, kind: 'expression' | 'query') => Promise<string | undefined>;
  /** Whether a `(SELECT 0 AS refit_value)` of a query stands in quotes, and so is text or a name there. */
  readonly hasQuotedValue: (marked: string) => Promise<boolean>;
  /**
   * With `reference`: the profile of a window that is to be judged, its rows also counted in the reference's cells. It is
   * given up, and fails, where `signal` says that nobody wants it any more.
   */
  readonly profile: (
    source: TableSource,
    reference?: TableProfile,
    signal?: AbortSignal,
  ) => Promise<Result<TableProfile, Failure>>;
  /** At most `rows` rows chosen at random (the same ones each time), by columns; columns that are not there are left out. */
  readonly sample: (
    source: TableSource,
    columns: readonly string[],
    rows: number,
  ) => Promise<Result<ReadonlyMap<string, readonly (number | string | null)[]>, Failure>>;
  /** Names of a table's columns; no row is read. */
  readonly columns: (source: TableSource) => Promise<Result<readonly string[], Failure>>;
  /** Rows by span of time and file, each column's in its cells: where in a window a change begins. In order of time. */
  readonly countSpans: (
    source: TableSource & { readonly timeColumn: string },
    spanMs: number,
    columns: readonly SpanColumn[],
  ) => Promise<Result<readonly TableSpan[], Failure>>;
  readonly countRows: (source: TableSource) => Promise<Result<number, Failure>>;
  readonly timeRange: (
    source: TableSource,
  ) => Promise<Result<{ readonly from: Instant; readonly to: Instant; readonly rows: number } | undefined, Failure>>;
  /** Writes the cut rows of one file to another of the same format; returns the rows written. */
  readonly copyCut: (source: TableSource, toAbsolutePath: string) => Promise<Result<number, Failure>>;
  /** Counts, and where asked writes, the rows that break conditions. */
  readonly check: (source: TableSource, work: TableCheck) => Promise<Result<TableChecked, Failure>>;
  /**
   * A table as an item of a FROM clause, for a query that is made of others: with its own paths, and with those of `shown`
   * (in the same order) for people.
   */
  readonly relation: (source: TableSource, shown?: readonly string[]) => Promise<Result<Relation, Failure>>;
  /** Whether a query's result follows from the tables named in it alone, and from no file, clock or chance. */
  readonly isReproducible: (sql: string, tables: readonly string[]) => Promise<boolean>;
  /** Numeric columns of a small table, e.g. the predictions of two evaluations, joined by `id` where both have it. */
  readonly readColumns: (
    source: TableSource,
    columns: readonly string[],
  ) => Promise<Result<ReadonlyMap<string, readonly (number | string | null)[]>, Failure>>;
  /** Predictions joined with their labels; `place`: an absolute path below `.refit/cache` to keep it at. */
  readonly openPredictionLog: (sources: PredictionSources, place?: string) => Promise<Result<PredictionLog, Failure>>;
}
