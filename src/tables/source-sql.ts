import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { TableSource } from '../domain/ports/datasets.js';
import { type Instant, toIso } from '../domain/support/time.js';

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * A column's moments in UTC; NULL where it says none. Text with an offset (`2026-01-01T00:00:00+02:00`) is the moment that it
 * means, which a plain cast would not heed; what is no text is cast as it is, so that a scan of Parquet still leaves out what
 * it need not read.
 */
export function momentSql(column: string): string {
  const id = identifier(column);
  const text = `TRY_CAST(TRY_CAST(${id} AS TIMESTAMPTZ) AS TIMESTAMP)`;
  return `CASE WHEN typeof(${id}) = 'VARCHAR' THEN ${text} ELSE TRY_CAST(${id} AS TIMESTAMP) END`;
}

type Format = 'parquet' | 'json' | 'tsv' | 'csv';

/** How many rows types are guessed from: DuckDB's own sample, or all. */
export type Sniffing = 'sample' | 'all-rows';

const READERS: Readonly<Record<Format, (list: string, options: string) => string>> = {
  parquet: (list, options) => `read_parquet(${list}, union_by_name = true${options})`,
  json: (list, options) => `read_json(${list}, union_by_name = true${options})`,
  tsv: (list, options) => `read_csv(${list}, union_by_name = true, delim = '\t'${options})`,
  csv: (list, options) => `read_csv(${list}, union_by_name = true${options})`,
};

/** By the name's ending; a stored object has none, and is known by its first bytes. */
function formatOf(path: string): Format {
  const ending = /\.(parquet|json|jsonl|ndjson|tsv|csv)(\.gz|\.zst)?$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) return sniff(path);
  if (ending === 'jsonl' || ending === 'ndjson') return 'json';
  return ending === 'parquet' || ending === 'json' || ending === 'tsv' ? ending : 'csv';
}

function sniff(path: string): Format {
  const start = Buffer.alloc(16);
  try {
    const file = openSync(path, 'r');
    readSync(file, start, 0, start.length, 0);
    closeSync(file);
  } catch {
    // it cannot be read: the reader will say so, with the reason
    return 'csv';
  }
  if (start.toString('latin1', 0, 4) === 'PAR1') return 'parquet';
  return /^\s*[{[]/.test(start.toString('latin1')) ? 'json' : 'csv';
}

/** A FROM item for the whole source; files of several formats are joined by column name. `fileColumn`: which file a row is of. */
export function fromSql(source: TableSource, sniffing: Sniffing = 'sample', fileColumn?: string): string {
  if (source.from.kind === 'query') return withoutSql(`(${source.from.sql}\n)`, source);
  const groups = new Map<Format, readonly string[]>();
  for (const path of source.from.paths) groups.set(formatOf(path), [...(groups.get(formatOf(path)) ?? []), path]);
  const file = fileColumn === undefined ? '' : `, filename = ${literal(fileColumn)}`;
  const tables = [...groups].map(([format, paths]) => {
    const sniffed = sniffing === 'sample' || format === 'parquet' ? '' : ', sample_size = -1';
    return `SELECT * FROM ${READERS[format](`[${paths.map(literal).join(', ')}]`, `${sniffed}${file}`)}`;
  });
  return withoutSql(`(${tables.join(' UNION ALL BY NAME ')})`, source);
}

/**
 * The rows that no exclusion is true for. The names in a condition are looked up beside the table too, where they are
 * NULL: in a table without that column the condition is true for no row, and nothing fails.
 */
function withoutSql(table: string, { without = [], timeColumn }: TableSource): string {
  const time = timeColumn === undefined ? undefined : momentSql(timeColumn);
  const conditions = without.flatMap(({ since, until, sql }): readonly string[] => {
    const parts = [
      ...(time === undefined || since === undefined ? [] : [`${time} >= ${moment(since)}`]),
      ...(time === undefined || until === undefined ? [] : [`${time} < ${moment(until)}`]),
      ...(sql === undefined ? [] : [`(${sql})`]),
    ];
    return parts.length === 0 ? [] : [`(${parts.join(' AND ')}) IS NOT TRUE`];
  });
  if (conditions.length === 0) return table;
  const named = new Set([
    ...without.flatMap((one) => one.columns ?? []),
    ...(timeColumn === undefined ? [] : [timeColumn]),
  ]);
  const absent = ['NULL AS "-"', ...[...named].map((name) => `NULL AS ${identifier(name)}`)].join(', ');
  return `(SELECT kept.* FROM (SELECT ${absent}) AS absent, LATERAL (SELECT * FROM ${table} WHERE ${conditions.join(' AND ')}) AS kept)`;
}

const moment = (at: Instant): string => `TIMESTAMP ${literal(toIso(at).slice(0, -1))}`;

/** Whether a scan reads only the columns it asks for. */
export const isColumnar = (source: TableSource): boolean =>
  source.from.kind === 'files' && source.from.paths.every((path) => formatOf(path) === 'parquet');

/** `since <= time < until`, and one segment; text times are read as times. */
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

export const selectSql = (source: TableSource, sniffing: Sniffing = 'sample'): string =>
  `SELECT * FROM ${fromSql(source, sniffing)}${whereSql(source)}`;

/** What a failure about this source calls it. */
export const nameOf = (source: TableSource): string =>
  source.from.kind === 'query'
    ? (source.from.name ?? 'query')
    : source.from.paths.map((path) => basename(path)).join(', ');
