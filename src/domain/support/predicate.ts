import type { ColumnChecks } from '../pipeline/pipeline.js';

/**
 * What good rows meet, as data: dataset/ turns it into SQL. A missing value (NULL, NaN) meets everything but `present`, and
 * a rule that does not say so itself.
 */
export type Predicate =
  | { readonly kind: 'present'; readonly column: string }
  | { readonly kind: 'reads-as'; readonly column: string; readonly type: NonNullable<ColumnChecks['type']> }
  | { readonly kind: 'in-range'; readonly column: string; readonly lower?: number; readonly upper?: number }
  | {
      readonly kind: 'one-of';
      readonly column: string;
      readonly values: readonly (string | number | boolean)[];
    }
  /** No other row has the same values; rows with a missing one are alone. */
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  /** The user's own SQL expression. */
  | { readonly kind: 'rule'; readonly sql: string };

/** Columns of a predicate; of a rule, none that are known. */
export const columnsOf = (predicate: Predicate): readonly string[] =>
  predicate.kind === 'rule' ? [] : predicate.kind === 'unique' ? predicate.columns : [predicate.column];
