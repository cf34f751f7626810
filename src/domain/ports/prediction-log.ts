import type { BrokenRowAt } from '../data/read-fault.js';
import type { Failure } from '../failure.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';

/** Files and column names of logged predictions and their labels. Paths are absolute. */
export interface PredictionSources {
  readonly predictions: {
    readonly paths: readonly string[];
    readonly time: string;
    readonly prediction: string;
    /** The column to join labels by. */
    readonly key?: string;
  };
  readonly labels?: /** Labels are a column of the predictions. */
    | { readonly from: 'predictions'; readonly label: string }
    | { readonly from: 'files'; readonly paths: readonly string[]; readonly key: string; readonly label: string }
    | {
        readonly from: 'query';
        readonly sql: string;
        /** Changes whenever the query may give another result. */
        readonly identity: string;
        readonly key: string;
        readonly label: string;
      };
  /** Columns of the predictions whose values are also judged one by one. */
  readonly segments: readonly string[];
  /** What names the columns: options of the command line, or the section `monitor`. For failures and findings. */
  readonly namedBy: 'options' | 'monitor';
}

/** A column that is named and that no file has: JSON lines have no header to look it up in. */
interface AbsentColumn {
  readonly column: string;
  /** The option, or the key of the pipeline file, that names it. */
  readonly namedBy: string;
  /** Names that the files have. */
  readonly available: readonly string[];
}

export interface LogCounts {
  /** Predictions with a time and a finite value. */
  readonly rows: number;
  /** Predictions without a time or a finite value. */
  readonly unusable: number;
  /** Broken lines of predictions and labels, included in the unusable ones. */
  readonly broken?: { readonly rows: number; readonly first: BrokenRowAt };
  /** Number of keys with a label. 0 if labels are a column of the predictions. */
  readonly labels: number;
  readonly labelled: number;
  /** Labels that are not a number, true or false. */
  readonly unusableLabels: number;
  /** Segments, and the label where it is a column of the predictions, that no file has. */
  readonly absent: readonly AbsentColumn[];
  readonly from?: Instant;
  readonly to?: Instant;
}

/** Rows with `from <= time < until`, optionally of one segment. */
export interface LogSpan {
  readonly from?: Instant;
  readonly until: Instant;
  readonly segment?: { readonly column: string; readonly value: string };
}

export interface LogWindow {
  /** Number of the window, which begins at `anchor + index · windowMs`. */
  readonly index: number;
  readonly segment?: string;
  readonly rows: number;
  readonly labelled: number;
  /** Changes with any row, prediction or label. */
  readonly checksum: string;
}

/** Rows in order of time. `label` is NaN if it has not arrived. */
export interface LogRows {
  readonly time: Float64Array;
  readonly prediction: Float64Array;
  readonly label: Float64Array;
}

/**
 * Predictions joined with their labels. Kept between commands; then only additions are read: new files, and new lines
 * of CSV and JSON lines. If a file changed in another way, all files are read again.
 */
export interface PredictionLog extends AsyncDisposable {
  readonly counts: () => Promise<Result<LogCounts, Failure>>;
  /**
   * Windows of a fixed grid that have rows, in order of time. With `segment`, separately for each value of that column.
   */
  readonly windows: (
    grid: { readonly anchor: Instant; readonly windowMs: number; readonly segment?: string },
    span: LogSpan,
  ) => Promise<Result<readonly LogWindow[], Failure>>;
  readonly rows: (span: LogSpan) => Promise<Result<LogRows, Failure>>;
  /**
   * Writes the labelled rows of a span as CSV to an absolute path: time (UTC), key, prediction, label, and the segment
   * columns.
   */
  readonly writeLabelled: (span: LogSpan, path: string) => Promise<Result<void, Failure>>;
}
