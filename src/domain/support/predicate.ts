/** What a column's values may be declared to be. */
export type DeclaredType = 'number' | 'integer' | 'text' | 'boolean' | 'timestamp';

/**
 * A condition that good rows meet, as data; tables/ turns it into SQL. A missing value (NULL, NaN) meets every
 * condition except `present`, and rules that exclude it themselves.
 */
export type Predicate =
  | { readonly kind: 'present'; readonly column: string }
  | { readonly kind: 'reads-as'; readonly column: string; readonly type: DeclaredType }
  | { readonly kind: 'in-range'; readonly column: string; readonly lower?: number; readonly upper?: number }
  | {
      readonly kind: 'one-of';
      readonly column: string;
      readonly values: readonly (string | number | boolean)[];
    }
  /** No other row has the same values. Rows with a missing value are not compared. */
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  /** The user's own SQL expression. */
  | { readonly kind: 'rule'; readonly sql: string };

/** Columns of a predicate. Empty for a rule, whose columns are unknown. */
export const columnsOf = (predicate: Predicate): readonly string[] =>
  predicate.kind === 'rule' ? [] : predicate.kind === 'unique' ? predicate.columns : [predicate.column];
