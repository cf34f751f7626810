import type { DeclaredType } from '../support/predicate.js';

/** Rules for data, from a schema file or the pipeline. */
export interface DataChecks {
  readonly freshnessMs?: number;
  readonly rows?: { readonly min?: number; readonly max?: number };
  readonly columns: Readonly<Record<string, ColumnChecks>>;
  /** Groups of columns whose combined values must be unique. */
  readonly unique: readonly (readonly string[])[];
  /** SQL expressions that are true for good rows. */
  readonly rules: readonly string[];
  /** What to do about undeclared columns. */
  readonly otherColumns: 'allow' | 'warn' | 'fail';
  readonly rowOutliers?: RowOutlierPolicy;
}

export interface ColumnChecks {
  readonly type?: DeclaredType;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly (string | number | boolean)[];
  readonly required?: boolean;
  /** Largest allowed share of missing values, 0…1. */
  readonly maxMissing?: number;
  readonly unique?: boolean;
  /** The column may be absent. */
  readonly optional?: boolean;
  readonly outliers?: OutlierPolicy;
}

export interface OutlierPolicy {
  readonly method: 'mad' | 'iqr' | 'quantile';
  /** A robust z (3.5), a multiple of the spread (3), or a share at either end (0.001). */
  readonly limit?: number;
  readonly action: 'flag' | 'quarantine' | 'cap' | 'fail';
  /** Largest share of rows, 0…1, that may be set aside or capped. If there are more, they are not outliers. */
  readonly maxShare?: number;
}

/** Outliers among whole rows, by an isolation forest. */
export interface RowOutlierPolicy {
  /** Number columns to use. If empty: all declared ones or, without declarations, all that exist. */
  readonly columns: readonly string[];
  /** Score above which a row is an outlier, 0…1. */
  readonly threshold?: number;
  readonly action: 'flag' | 'quarantine' | 'fail';
}
