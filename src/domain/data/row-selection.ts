import type { Predicate } from '../support/predicate.js';

/** How a repaired text follows from the one that is there. */
export type Respelling = 'trim' | 'lower' | 'trim-lower' | 'without-zero-decimals';

/** Rows that the value of one column tells. It is stored and sent as data; SQL is made of it only to read rows. */
export type ColumnSelection =
  | { readonly kind: 'missing' | 'present'; readonly column: string }
  | { readonly kind: 'outside'; readonly column: string; readonly lower?: number; readonly upper?: number }
  /** `length`: only texts of so many characters. */
  | {
      readonly kind: 'one-of';
      readonly column: string;
      readonly values: readonly (string | number)[];
      readonly length?: number;
    }
  | { readonly kind: 'respelled'; readonly column: string; readonly by: Respelling };

/** A declared check of rows. Of uniqueness no row alone can tell. */
type RowPredicate = Exclude<Predicate, { readonly kind: 'unique' }>;

export type RowSelection =
  | ColumnSelection
  /** Rows that break a declared check. `sqlType`: of its column, as it was read. */
  | { readonly kind: 'breaks'; readonly predicate: RowPredicate; readonly sqlType?: string }
  /** SQL of an older registry. It is checked each time before it is used. */
  | { readonly kind: 'text'; readonly sql: string; readonly column?: string };

/**
 * Rows with these values in number columns, one list a row; a missing value is null. It is made for one reading of the
 * data, and neither stored nor sent.
 */
export interface ValueSelection {
  readonly kind: 'values';
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | null)[])[];
}

/** The user's own text in a selection: it is never taken from another machine. */
export function textIn(selection: RowSelection | ValueSelection): string | undefined {
  if (selection.kind === 'text') return selection.sql;
  return selection.kind === 'breaks' && selection.predicate.kind === 'rule' ? selection.predicate.sql : undefined;
}

/** The columns that a selection names; none for a rule, whose columns are unknown. */
export function columnsIn(selection: RowSelection | ValueSelection): readonly string[] {
  if (selection.kind === 'values') return selection.columns;
  const column =
    selection.kind !== 'breaks'
      ? selection.column
      : selection.predicate.kind === 'rule'
        ? undefined
        : selection.predicate.column;
  return column === undefined ? [] : [column];
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (value: string | number): string =>
  typeof value === 'number' ? numberSql(value) : `'${value.replaceAll("'", "''")}'`;

function numberSql(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`internal error: ${value} cannot select rows`);
  return String(value);
}

const RESPELLED: Readonly<Record<Respelling, (id: string) => string>> = {
  trim: (id) => `trim(${id})`,
  lower: (id) => `lower(${id})`,
  'trim-lower': (id) => `lower(trim(${id}))`,
  'without-zero-decimals': (id) => `regexp_replace(${id}, '\\.0+$', '')`,
};

/** A SQL condition that is true for the rows: names and values are quoted. */
export function columnSql(selection: ColumnSelection): string {
  const id = identifier(selection.column);
  switch (selection.kind) {
    case 'missing':
      return `${id} IS NULL`;
    case 'present':
      return `${id} IS NOT NULL`;
    case 'respelled':
      return `${id} <> ${RESPELLED[selection.by](id)}`;
    case 'one-of':
      return oneOfSql(id, selection);
    case 'outside': {
      const { lower, upper } = selection;
      const below = lower === undefined ? [] : [`${id} < ${numberSql(lower)}`];
      const above = upper === undefined ? [] : [`${id} > ${numberSql(upper)}`];
      return [...below, ...above].join(' OR ') || 'false';
    }
  }
}

/** A SQL condition that is true for the rows without a value in a column of type FLOAT or DOUBLE. */
export const missingFloatSql = (column: string): string =>
  `${identifier(column)} IS NULL OR isnan(${identifier(column)})`;

function oneOfSql(id: string, { values, length }: Extract<ColumnSelection, { kind: 'one-of' }>): string {
  const [only, ...others] = values;
  if (only === undefined) return 'false';
  const list =
    others.length === 0 && length === undefined ? `= ${literal(only)}` : `IN (${values.map(literal).join(', ')})`;
  return length === undefined ? `${id} ${list}` : `length(${id}) = ${numberSql(length)} AND ${id} ${list}`;
}

/** NaN stands for a missing value too, because a comparison with NULL is never true. */
const NO_NUMBER = "'nan'::DOUBLE";
const doubleLiteral = (value: number | null): string =>
  value === null || Number.isNaN(value) ? NO_NUMBER : `'${value}'::DOUBLE`;

/** A SQL condition that is true for the rows with one of these lists of values. */
export function valuesSql({ columns, rows }: ValueSelection): string {
  if (rows.length === 0) return 'false';
  const row = columns.map((name) => `coalesce(TRY_CAST(${identifier(name)} AS DOUBLE), ${NO_NUMBER})`).join(', ');
  return `row(${row}) IN (${rows.map((values) => `row(${values.map(doubleLiteral).join(', ')})`).join(', ')})`;
}

/** How a selection is spelled for people and in fingerprints. */
export const selectionText = (selection: RowSelection | ValueSelection): string =>
  selection.kind === 'values'
    ? valuesSql(selection)
    : selection.kind === 'text'
      ? selection.sql
      : selection.kind === 'breaks'
        ? JSON.stringify(selection.predicate)
        : columnSql(selection);
