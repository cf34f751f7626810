import { basename } from 'node:path';
import type { TableSource } from '../domain/ports/datasets.js';
import { toIso } from '../domain/time.js';

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const READERS: readonly (readonly [RegExp, (list: string) => string])[] = [
  [/\.parquet$/i, (list) => `read_parquet(${list}, union_by_name = true)`],
  [/\.(json|jsonl|ndjson)(\.gz|\.zst)?$/i, (list) => `read_json(${list}, union_by_name = true)`],
  [/\.tsv(\.gz|\.zst)?$/i, (list) => `read_csv(${list}, union_by_name = true, delim = '\t')`],
  [/./, (list) => `read_csv(${list}, union_by_name = true)`],
];

/** A FROM item for the whole source; files of several formats are joined by column name. */
export function fromSql(source: TableSource): string {
  if (source.from.kind === 'query') return `(${source.from.sql})`;
  const groups = new Map<(list: string) => string, string[]>();
  for (const path of source.from.paths) {
    const reader = READERS.find(([pattern]) => pattern.test(path))?.[1];
    if (reader !== undefined) groups.set(reader, [...(groups.get(reader) ?? []), path]);
  }
  const tables = [...groups].map(([reader, paths]) => `SELECT * FROM ${reader(`[${paths.map(literal).join(', ')}]`)}`);
  return `(${tables.join(' UNION ALL BY NAME ')})`;
}

/** `since <= time < until`; text times are read as times. */
export function whereSql(source: TableSource): string {
  if (source.timeColumn === undefined) return '';
  const time = `TRY_CAST(${identifier(source.timeColumn)} AS TIMESTAMP)`;
  const bounds = [
    ...(source.since === undefined ? [] : [`${time} >= TIMESTAMP ${literal(toIso(source.since).slice(0, -1))}`]),
    ...(source.until === undefined ? [] : [`${time} < TIMESTAMP ${literal(toIso(source.until).slice(0, -1))}`]),
  ];
  return bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
}

export const selectSql = (source: TableSource): string => `SELECT * FROM ${fromSql(source)}${whereSql(source)}`;

/** What a failure about this source calls it. */
export const nameOf = (source: TableSource): string =>
  source.from.kind === 'query' ? 'query' : source.from.paths.map((path) => basename(path)).join(', ');
