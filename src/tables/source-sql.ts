import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { columnsIn } from '../domain/data/row-selection.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { type Instant, toIso } from '../domain/support/time.js';
import { identifier, literal } from './quoted.js';
import { selectionSql } from './selection-sql.js';

/**
 * A column's moments in UTC, NULL where it has none. A plain cast ignores the offset of text (`2026-01-01T00:00:00+02:00`),
 * so text is cast by way of a type with an offset. Times are cast directly: a scan of Parquet can then skip row groups.
 */
export function momentSql(column: string): string {
  const id = identifier(column);
  const text = `TRY_CAST(TRY_CAST(${id} AS TIMESTAMPTZ) AS TIMESTAMP)`;
  const time = `TRY_CAST(${id} AS TIMESTAMP)`;
  return `CASE WHEN typeof(${id}) = 'VARCHAR' THEN ${text} WHEN regexp_matches(typeof(${id}), '^(DATE|TIME)') THEN ${time}
    ELSE coalesce(${time}, ${numberMomentSql(`TRY_CAST(${id} AS DOUBLE)`)}) END`;
}

/** Digits of a calendar date, and what they are called. */
const DIGITS = [
  { least: 19_000_101, most: 21_001_231, format: '%Y%m%d' },
  { least: 19_000_101_000_000, most: 21_001_231_235_959, format: '%Y%m%d%H%M%S' },
] as const;

/** What is counted since 1970, each for the years 1973 to 2286. The ranges do not meet, so a number has one reading. */
const COUNTED = [
  { least: 1e8, most: 1e10, micros: 1e6 },
  { least: 1e11, most: 1e13, micros: 1e3 },
  { least: 1e14, most: 1e16, micros: 1 },
  { least: 1e17, most: 1e19, micros: 1e-3 },
] as const;

/**
 * The moment that a number means, NULL for none: the digits of a date (20260301) or of a date with its time (20260301080000), or
 * seconds, milliseconds, microseconds or nanoseconds since 1970. `number` is an expression of type DOUBLE.
 */
export function numberMomentSql(number: string): string {
  const digits = DIGITS.map(
    ({ least, most, format }) =>
      `WHEN ${number} BETWEEN ${least} AND ${most} THEN try_strptime(${number}::BIGINT::VARCHAR, '${format}')`,
  );
  const counted = COUNTED.map(
    ({ least, most, micros }) =>
      `WHEN ${number} >= ${least} AND ${number} < ${most} THEN make_timestamp((${number} * ${micros})::BIGINT)`,
  );
  return `CASE ${[...digits, ...counted].join(' ')} END`;
}

export type Format = 'parquet' | 'json' | 'tsv' | 'csv';

/** By the name's ending; a stored object has none and is known by its first bytes. */
export function formatOf(path: string): Format {
  const ending = /\.(parquet|json|jsonl|ndjson|tsv|csv)(\.gz|\.zst)?$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) return sniff(path);
  if (ending === 'jsonl' || ending === 'ndjson') return 'json';
  return ending === 'parquet' || ending === 'json' || ending === 'tsv' ? ending : 'csv';
}

function sniff(path: string): Format {
  const start = startOf(path).toString('latin1');
  if (start.startsWith('PAR1')) return 'parquet';
  return /^\s*[{[]/.test(start) ? 'json' : 'csv';
}

/** The first bytes of a file; none where it cannot be read, because the reader says why. */
export function startOf(path: string): Buffer {
  const start = Buffer.alloc(24);
  try {
    const file = openSync(path, 'r');
    readSync(file, start, 0, start.length, 0);
    closeSync(file);
  } catch {
    return Buffer.alloc(0);
  }
  return start;
}

/** A FROM item for the whole source. Text files must have been made readable first: see read-source.ts. */
export function fromSql(source: TableSource): string {
  if (source.from.kind === 'query') return withoutSql(`(${source.from.sql}\n)`, source);
  const paths = source.from.paths.map(literal).join(', ');
  return withoutSql(`(SELECT * FROM read_parquet([${paths}], union_by_name = true))`, source);
}

/**
 * The rows that no exclusion is true for. The names in a condition also stand beside the table, as NULLs: where the table has
 * no such column the condition is true for no row, and nothing fails.
 */
function withoutSql(table: string, { without = [], timeColumn }: TableSource): string {
  const time = timeColumn === undefined ? undefined : momentSql(timeColumn);
  const conditions = without.flatMap(({ since, until, rows }): readonly string[] => {
    const parts = [
      ...(time === undefined || since === undefined ? [] : [`${time} >= ${moment(since)}`]),
      ...(time === undefined || until === undefined ? [] : [`${time} < ${moment(until)}`]),
      ...(rows === undefined ? [] : [`(${selectionSql(rows)})`]),
    ];
    return parts.length === 0 ? [] : [`(${parts.join(' AND ')}) IS NOT TRUE`];
  });
  if (conditions.length === 0) return table;
  const named = new Set([
    ...without.flatMap(({ rows }) => (rows === undefined ? [] : columnsIn(rows))),
    ...(timeColumn === undefined ? [] : [timeColumn]),
  ]);
  const absent = ['NULL AS "-"', ...[...named].map((name) => `NULL AS ${identifier(name)}`)].join(', ');
  return `(SELECT kept.* FROM (SELECT ${absent}) AS absent, LATERAL (SELECT * FROM ${table} WHERE ${conditions.join(' AND ')}) AS kept)`;
}

const moment = (at: Instant): string => `TIMESTAMP ${literal(toIso(at).slice(0, -1))}`;

/** Whether a scan reads only the columns that it asks for. */
export const isColumnar = (source: TableSource): boolean =>
  source.from.kind === 'files' && source.from.paths.every((path) => formatOf(path) === 'parquet');

/** The conditions `since <= time < until` and of a segment. */
export function whereSql(source: TableSource): string {
  const time = source.timeColumn === undefined ? '' : momentSql(source.timeColumn);
  const conditions = [
    ...(time === '' || source.since === undefined ? [] : [`${time} >= ${moment(source.since)}`]),
    ...(time === '' || source.until === undefined ? [] : [`${time} < ${moment(source.until)}`]),
    ...(source.segment === undefined
      ? []
      : [`${identifier(source.segment.column)}::VARCHAR = ${literal(source.segment.value)}`]),
  ];
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

/** A SELECT of all rows that the source keeps: its cut, its segment, and without excluded rows. */
export const selectSql = (source: TableSource): string => `SELECT * FROM ${fromSql(source)}${whereSql(source)}`;

/** The name of a source in failures. */
export const nameOf = (source: TableSource): string =>
  source.from.kind === 'query'
    ? (source.from.name ?? 'query')
    : source.from.paths.map((path) => basename(path)).join(', ');
