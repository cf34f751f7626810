import type { BrokenRowAt } from '../data/read-fault.js';
import type { Failure } from '../failure.js';
import type { Result } from '../support/result.js';
import type { Instant } from '../support/time.js';

/** Where logged predictions and their labels lie, and how their columns are called. Paths are absolute. */
export interface PredictionSources {
  readonly predictions: {
    readonly paths: readonly string[];
    readonly time: string;
    readonly prediction: string;
    /** Joins labels. */
    readonly key?: string;
  };
  readonly labels?: /** A column of the predictions themselves. */
    | { readonly from: 'predictions'; readonly label: string }
    | { readonly from: 'files'; readonly paths: readonly string[]; readonly key: string; readonly label: string }
    | {
        readonly from: 'query';
        readonly sql: string;
        /** Differs where the query may give something else. */
        readonly identity: string;
        readonly key: string;
        readonly label: string;
      };
  /** Columns of the predictions whose values are also looked at one by one. */
  readonly segments: readonly string[];
}

export interface LogCounts {
  /** Predictions with a time and a finite value. */
  readonly rows: number;
  /** Predictions without either. */
  readonly unusable: number;
  /** Lines that are no rows, counted among the unusable ones; of predictions and labels. */
  readonly broken?: { readonly rows: number; readonly first: BrokenRowAt };
  /** Different keys that have a label; 0 where labels are a column of the predictions. */
  readonly labels: number;
  readonly labelled: number;
  /** Labels that are no number, true or false. */
  readonly unusableLabels: number;
  readonly from?: Instant;
  readonly to?: Instant;
}

/** `from <= time < until`, and one segment's rows. */
export interface LogSpan {
  readonly from?: Instant;
  readonly until: Instant;
  readonly segment?: { readonly column: string; readonly value: string };
}

export interface LogWindow {
  /** Of its beginning: `anchor + index · windowMs`. */
  readonly index: number;
  readonly segment?: string;
  readonly rows: number;
  readonly labelled: number;
  /** Differs where a row, a prediction or a label does. */
  readonly checksum: string;
}

/** Rows in the order of time; `label` is NaN where it has not arrived. */
export interface LogRows {
  readonly time: Float64Array;
  readonly prediction: Float64Array;
  readonly label: Float64Array;
}

/**
 * Predictions joined with their labels. It is kept between commands, and then only what logs have gained is read: whole new
 * files, and new lines of CSV and JSON lines. A file that changed in any other way is read again, with all the others.
 */
export interface PredictionLog extends AsyncDisposable {
  readonly counts: () => Promise<Result<LogCounts, Failure>>;
  /** Windows of a fixed grid that have rows, in the order of time; with `segment`, for each value of that column. */
  readonly windows: (
    grid: { readonly anchor: Instant; readonly windowMs: number; readonly segment?: string },
    span: LogSpan,
  ) => Promise<Result<readonly LogWindow[], Failure>>;
  readonly rows: (span: LogSpan) => Promise<Result<LogRows, Failure>>;
  /** The rows of a span that have a label, as CSV at an absolute path: time (UTC), key, prediction, label, and the segment columns. */
  readonly writeLabelled: (span: LogSpan, path: string) => Promise<Result<void, Failure>>;
}
