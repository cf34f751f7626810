import type { Instant } from '../support/time.js';
import type { ReadFault } from './read-fault.js';

/** Statistical summary of a table from one scan; stored with the run that made the table. */
export interface TableProfile {
  /** Of this format; a profile of another format is made anew. */
  readonly format: 2;
  readonly rows: number;
  /** Rows that repeat an earlier one; not counted in very long tables. */
  readonly duplicateRows?: number;
  readonly time?: { readonly column: string; readonly from: Instant; readonly to: Instant };
  readonly columns: readonly ColumnProfile[];
  /** What was wrong with the files that it was read from. */
  readonly faults?: readonly ReadFault[];
  /** Of a part of a window: the reference in whose cells its rows are counted. */
  readonly countedFor?: string;
}

export type ColumnType = 'number' | 'integer' | 'text' | 'boolean' | 'timestamp' | 'other';

export interface ColumnProfile {
  readonly name: string;
  readonly type: ColumnType;
  /** As the reader names it: `DOUBLE`, `VARCHAR` … */
  readonly sqlType: string;
  /** Of dates with the year last: whether their day comes first. */
  readonly isDayFirst?: boolean;
  readonly rows: number;
  readonly missing: number;
  /** NaN and ±infinity, apart from missing ones. */
  readonly notFinite: number;
  /** Approximate in long tables; of a number column of a long window, at least so many. */
  readonly distinct: number;
  readonly numeric?: NumericProfile;
  readonly categories?: CategoryProfile;
  readonly text?: TextProfile;
  /** Of a window read against a reference: its rows in the reference's cells (`cellEdges`), in one scan of the window. */
  readonly counted?: readonly number[];
  /**
   * Rows of consecutive spans in the column's coarse cells (`coarseEdges`, or the first `HISTORY_VALUES` kept values and the
   * rest): how much the column varies by itself. Spans of time, or of a table without a time column spans of its rows in
   * their order. Absent of windows and of short tables.
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
   * Values at equally spaced ranks from 0 to 1, both ends included; every value of a short column. Of a long one the
   * inner ones are those of a sample, which costs no accuracy: `counts` are exact for them.
   */
  readonly quantiles: readonly number[];
  /** Rows in the cells that `cellEdges(quantiles)` delimit: exact counts of a scan. */
  readonly counts?: readonly number[];
}

export interface CategoryProfile {
  /** Most frequent first; ties by value. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
  /** Rows in values that are not in `top`. */
  readonly otherRows: number;
  /** Values seen once: Good–Turing's share of the unseen. */
  readonly singletons: number;
  /** Rows by hash of the value, in 256 cells: what a column of more values than are kept is judged by. */
  readonly hashed?: readonly number[];
}

export interface TextProfile {
  readonly minLength: number;
  readonly maxLength: number;
  readonly meanLength: number;
  /** Shares 0…1 of the present values. */
  readonly upperShare: number;
  readonly digitShare: number;
  /** Spaces at either end. */
  readonly paddedShare: number;
  /** A space anywhere. */
  readonly spaceShare: number;
  readonly nonAsciiShare: number;
  /** Share that reads as a number after trimming, and after comma for point. */
  readonly numberShare: number;
}
