import { missingFloatSql } from '../domain/data/row-selection.js';
import type { Predicate } from '../domain/support/predicate.js';
import { identifier, literal } from './quoted.js';

/** SQL type by column name, as the reader gives them. */
export type SqlTypes = ReadonlyMap<string, string>;

const NUMBERS = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|REAL|DECIMAL\([^)]*\))$/;
const FLOATS = /^(DOUBLE|FLOAT|REAL)$/;

/** A SQL condition that is true for the rows that break a predicate, and never NULL. */
export function violationSql(predicate: Predicate, types: SqlTypes): string {
  // The line break ends a comment in the rule, which would swallow the bracket.
  if (predicate.kind === 'rule') return `((${predicate.sql}\n) IS NOT TRUE)`;
  if (predicate.kind === 'unique') return repeatSql(predicate.columns, '> 1');
  const id = identifier(predicate.column);
  const missing = missingSql(predicate.column, types);
  if (predicate.kind === 'present') return `(${missing})`;
  return `(NOT (${missing}) AND coalesce(NOT (${goodSql(predicate, id, types)}), true))`;
}

/** True for rows that repeat an earlier one in these columns. */
export const laterRepeatSql = (columns: readonly string[], order: string): string => {
  const list = columns.map(identifier).join(', ');
  return `(row_number() OVER (PARTITION BY ${list} ORDER BY ${order}) > 1 AND ${presentSql(columns)})`;
};

/** Whether the condition needs a window over the whole table, and so QUALIFY instead of WHERE. */
export const isWindowed = (predicate: Predicate): boolean => predicate.kind === 'unique';

const repeatSql = (columns: readonly string[], times: string): string =>
  `(count(*) OVER (PARTITION BY ${columns.map(identifier).join(', ')}) ${times} AND ${presentSql(columns)})`;

const presentSql = (columns: readonly string[]): string =>
  columns.map((column) => `${identifier(column)} IS NOT NULL`).join(' AND ');

const missingSql = (column: string, types: SqlTypes): string =>
  FLOATS.test(types.get(column) ?? '') ? missingFloatSql(column) : `${identifier(column)} IS NULL`;

type OfColumn = Exclude<Predicate, { readonly kind: 'rule' | 'unique' | 'present' }>;

function goodSql(predicate: OfColumn, id: string, types: SqlTypes): string {
  if (predicate.kind === 'reads-as') return readsAsSql(id, predicate.type);
  if (predicate.kind === 'one-of') return oneOfSql(id, predicate.values);
  const number = NUMBERS.test(types.get(predicate.column) ?? '') ? id : `TRY_CAST(${id} AS DOUBLE)`;
  const bounds = [
    ...(predicate.lower === undefined ? [] : [`${number} >= ${numberSql(predicate.lower)}`]),
    ...(predicate.upper === undefined ? [] : [`${number} <= ${numberSql(predicate.upper)}`]),
  ];
  return bounds.length === 0 ? 'true' : bounds.join(' AND ');
}

const SQL_TYPES = { number: 'DOUBLE', integer: 'DOUBLE', boolean: 'BOOLEAN', timestamp: 'TIMESTAMP' } as const;

function readsAsSql(id: string, type: Extract<Predicate, { kind: 'reads-as' }>['type']): string {
  // Everything reads as text.
  if (type === 'text') return 'true';
  const cast = `TRY_CAST(${id}::VARCHAR AS ${SQL_TYPES[type]})`;
  return type === 'integer' ? `${cast} = trunc(${cast})` : `${cast} IS NOT NULL`;
}

/** Compares numbers as numbers and words as text: either kind of column may hold them. */
function oneOfSql(id: string, values: readonly (string | number | boolean)[]): string {
  const numbers = values.filter((value) => typeof value === 'number');
  const words = values.filter((value) => typeof value === 'string');
  const answers = values.filter((value) => typeof value === 'boolean');
  const parts = [
    ...(numbers.length === 0
      ? []
      : [`coalesce(TRY_CAST(${id} AS DOUBLE) IN (${numbers.map(numberSql).join(', ')}), false)`]),
    ...(words.length === 0 ? [] : [`${id}::VARCHAR IN (${words.map(literal).join(', ')})`]),
    ...(answers.length === 0
      ? []
      : [`lower(${id}::VARCHAR) IN (${answers.map((one) => literal(String(one))).join(', ')})`]),
  ];
  return parts.join(' OR ');
}

/** A double literal. DuckDB does not read `1e21` as an integer, and would read a plain `5` as a decimal. */
const numberSql = (value: number): string => `CAST(${literal(String(value))} AS DOUBLE)`;
