import type { Instant } from '../support/time.js';
import type { ReadFault } from './read-fault.js';

/** Statistical summary of a table, computed in one scan and stored with the run that made the table. */
export interface TableProfile {
  /** Version of this format. A profile in another format is computed again. */
  readonly format: 2;
  readonly rows: number;
  /** Rows that repeat an earlier one. Not counted in very long tables. */
  readonly duplicateRows?: number;
  readonly time?: { readonly column: string; readonly from: Instant; readonly to: Instant };
  readonly columns: readonly ColumnProfile[];
  /** Faults of the files that it was read from. */
  readonly faults?: readonly ReadFault[];
  /** For a part of a window: the reference whose cells its rows are counted in. */
  readonly countedFor?: string;
}

export type ColumnType = 'number' | 'integer' | 'text' | 'boolean' | 'timestamp' | 'other';

export interface ColumnProfile {
  readonly name: string;
  readonly type: ColumnType;
  /** The reader's type name: `DOUBLE`, `VARCHAR` … */
  readonly sqlType: string;
  /** For dates with the year last: whether the day comes first. */
  readonly isDayFirst?: boolean;
  readonly rows: number;
  readonly missing: number;
  /** NaN and ±infinity. Not counted as missing. */
  readonly notFinite: number;
  /** Approximate in long tables. For a number column of a long window, a lower bound. */
  readonly distinct: number;
  /** `distinct` is a sketch's estimate, or a lower bound. */
  readonly isDistinctEstimate?: boolean;
  readonly numeric?: NumericProfile;
  readonly categories?: CategoryProfile;
  readonly text?: TextProfile;
  /**
   * For a window read with a reference: its rows in the reference's cells (`cellEdges`), from one scan of the window.
   */
  readonly counted?: readonly number[];
  /**
   * Row counts of consecutive spans in the column's coarse cells (`coarseEdges`, or the first `HISTORY_VALUES` kept
   * values and the rest). They show how much the column varies by itself. Spans of time, or of row order in a table
   * without a time column. Absent for windows and short tables.
   */
  readonly history?: readonly (readonly number[])[];
}

export interface NumericProfile {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly sd: number;
  readonly zeros: number;
  readonly negatives: number;
  /**
   * Values at equally spaced ranks from 0 to 1, both ends included. All values of a short column. In a long column the
   * inner ones come from a sample, without loss of accuracy, because `counts` are exact for them.
   */
  readonly quantiles: readonly number[];
  /** Exact row counts in the cells of `cellEdges(quantiles)`, from a scan. */
  readonly counts?: readonly number[];
}

export interface CategoryProfile {
  /** Most frequent first; ties by value. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
  /** Rows with values not in `top`. */
  readonly otherRows: number;
  /** Number of values that occur once: for Good and Turing's estimate of the unseen share. */
  readonly singletons: number;
  /** Row counts by hash of the value, in 256 cells. Used to judge columns with more values than are kept. */
  readonly hashed?: readonly number[];
}

export interface TextProfile {
  readonly minLength: number;
  readonly maxLength: number;
  readonly meanLength: number;
  /** Shares 0…1 of the present values. */
  readonly upperShare: number;
  readonly digitShare: number;
  /** Share with spaces at either end. */
  readonly paddedShare: number;
  /** Share with a space anywhere. */
  readonly spaceShare: number;
  readonly nonAsciiShare: number;
  /** Share that parses as a number after trimming, or with a decimal comma. */
  readonly numberShare: number;
}
