import type { Instant } from './time.js';

/** Statistical summary of a table from one scan; stored with the run that made the table. */
export interface TableProfile {
  /** Of this format; a profile of another format is made anew. */
  readonly format: 1;
  readonly rows: number;
  readonly duplicateRows?: number;
  readonly time?: { readonly column: string; readonly from: Instant; readonly to: Instant };
  readonly columns: readonly ColumnProfile[];
}

export type ColumnType = 'number' | 'integer' | 'text' | 'boolean' | 'timestamp' | 'other';

export interface ColumnProfile {
  readonly name: string;
  readonly type: ColumnType;
  /** As the reader names it: `DOUBLE`, `VARCHAR` … */
  readonly sqlType: string;
  readonly rows: number;
  readonly missing: number;
  /** NaN and ±infinity, apart from missing ones. */
  readonly notFinite: number;
  /** Approximate beyond 10,000. */
  readonly distinct: number;
  readonly numeric?: NumericProfile;
  readonly categories?: CategoryProfile;
  readonly text?: TextProfile;
}

export interface NumericProfile {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly sd: number;
  readonly zeros: number;
  readonly negatives: number;
  /** Values at equally spaced ranks from 0 to 1, both ends included. */
  readonly quantiles: readonly number[];
}

export interface CategoryProfile {
  /** Most frequent first; ties by value. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
  /** Rows in values that are not in `top`. */
  readonly otherRows: number;
  /** Values seen once: Good–Turing's share of the unseen. */
  readonly singletons: number;
}

export interface TextProfile {
  readonly minLength: number;
  readonly maxLength: number;
  /** Shares 0…1 of the present values. */
  readonly upperShare: number;
  readonly digitShare: number;
  readonly paddedShare: number;
  /** Share that reads as a number after trimming, and after comma for point. */
  readonly numberShare: number;
}
