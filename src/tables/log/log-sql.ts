import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Failure } from '../../domain/failure.js';
import type { PredictionSources } from '../../domain/ports/prediction-log.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Connection } from '../connection.js';
import { widestParquet } from '../parquet/parquet-width.js';
import { identifier, literal } from '../quoted.js';
import { makeReadable } from '../read-source.js';
import { numberMomentSql } from '../source-sql.js';
import { tooWide } from '../text/too-wide.js';

const isJson = (path: string): boolean => /\.(json|jsonl|ndjson)(\.gz|\.zst)?$/i.test(path);
const isParquet = (path: string): boolean => /\.parquet$/i.test(path);

/** Log files as one table, and their lines that are no rows. */
export interface LogTable {
  readonly sql: string;
  readonly faults: readonly ReadFault[];
}

/**
 * Log files as one table of the named columns. Text stays text, so that a part of a file reads the same as the whole
 * file. A JSON line that is no object is a row without values; a broken CSV row is left out.
 */
export async function logTable(
  connection: Connection,
  paths: readonly string[],
  columns: readonly string[],
): Promise<Result<LogTable, Failure>> {
  const named = [...new Set(columns)];
  const groups = {
    json: paths.filter(isJson),
    parquet: paths.filter(isParquet),
    csv: paths.filter((path) => !isJson(path) && !isParquet(path)),
  };
  const list = (of: readonly string[]): string => `[${of.map(literal).join(', ')}]`;
  const wide = await widestParquet(connection, groups.parquet);
  if (wide !== undefined) return err(tooWide(wide, undefined));
  const texts = `{${named.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ')}}`;
  const tables = [
    ...(groups.json.length === 0
      ? []
      : [`SELECT * FROM read_json(${list(groups.json)}, columns = ${texts}, ignore_errors = true, format = 'auto')`]),
    ...(groups.parquet.length === 0
      ? []
      : [`SELECT * FROM read_parquet(${list(groups.parquet)}, union_by_name = true)`]),
  ];
  if (groups.csv.length === 0) return ok({ sql: `(${tables.join(' UNION ALL BY NAME ')})`, faults: [] });
  const types = new Map(named.map((name) => [name, { type: 'text' }] as const));
  const csv = await makeReadable(connection, { from: { kind: 'files', paths: groups.csv }, types });
  if (!csv.ok) return csv;
  const { source, faults } = csv.value;
  const all = [...tables, ...(source.from.kind === 'query' ? [source.from.sql] : [])];
  return ok({ sql: `(${all.join(' UNION ALL BY NAME ')})`, faults });
}

/**
 * A time as epoch milliseconds: ISO text (UTC where it names no offset), a number that tells a moment by itself, or any other
 * number as seconds: those of a simulation begin at 0.
 */
export function timeSql(column: string): string {
  const text = `${identifier(column)}::VARCHAR`;
  const number = `TRY_CAST(${text} AS DOUBLE)`;
  return `CASE WHEN ${number} IS NULL THEN epoch_ms(TRY_CAST(${text} AS TIMESTAMPTZ))
    ELSE coalesce(epoch_ms(${numberMomentSql(number)}), CAST(${number} * 1000 AS BIGINT)) END`;
}

/** A finite number; true is 1 and false 0. */
export function numberSql(column: string): string {
  const text = `${identifier(column)}::VARCHAR`;
  const number = `TRY_CAST(${text} AS DOUBLE)`;
  return `CASE lower(${text}) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 ELSE CASE WHEN isfinite(${number}) THEN ${number} END END`;
}

/** Keys as text: 12 and 12.0 are the same key. */
export const keySql = (column: string): string =>
  `regexp_replace(${identifier(column)}::VARCHAR, '^(-?[0-9]+)\\.0+$', '\\1')`;

/** A column, and the option or the key of the pipeline file that names it. */
export interface NamedColumn {
  readonly column: string;
  readonly namedBy: string;
}

const OPTIONS = { time: '--time', prediction: '--prediction', key: '--key', label: '--label', segment: '--segment' };
const KEYS = {
  time: 'monitor.predictions.time',
  prediction: 'monitor.predictions.prediction',
  key: 'monitor.predictions.key',
  label: 'monitor.labels.label',
  segment: 'monitor.segments',
};

/** What names each column of a log. */
export const namesIn = ({ namedBy }: Pick<PredictionSources, 'namedBy'>): typeof OPTIONS =>
  namedBy === 'options' ? OPTIONS : KEYS;

/** Fails unless every column exists. */
export async function requireColumns(
  connection: Connection,
  table: string,
  columns: readonly NamedColumn[],
  source: string,
): Promise<Result<void, Failure>> {
  const described = await connection.query(`DESCRIBE SELECT * FROM ${table}`, source);
  if (!described.ok) return described;
  const available = described.value.map((row) => String(row.column_name));
  const absent = columns.find(({ column }) => !available.includes(column));
  return absent === undefined ? ok(undefined) : err(noSuchColumn(absent, { source, available }));
}

export const noSuchColumn = (
  { column, namedBy }: NamedColumn,
  { source, available }: { readonly source: string; readonly available: readonly string[] },
): Failure => ({
  code: 'not-found',
  what: `column of the ${source}`,
  name: column,
  available,
  namedBy,
  next: `${namedBy} names a column of the ${source}`,
});

/** Named columns that files do not have, and the names that they have. */
export interface AbsentColumns {
  readonly columns: readonly string[];
  readonly available: readonly string[];
}

const NONE_ABSENT: AbsentColumns = { columns: [], available: [] };

/** In files with more names than this, none is said to be absent. */
const MOST_NAMES = 200;

/** Those of the columns that no row of the files has, which must all be JSON: else no column is said to be absent. */
export async function absentInJson(
  connection: Connection,
  paths: readonly string[],
  columns: readonly string[],
): Promise<AbsentColumns> {
  if (columns.length === 0 || !paths.every(isJson)) return NONE_ABSENT;
  const found = await connection.query(
    `SELECT name FROM (SELECT unnest(json_keys(json)) AS name FROM
       read_json_objects([${paths.map(literal).join(', ')}], format = 'auto', ignore_errors = true)
       WHERE json_type(json) = 'OBJECT') GROUP BY name ORDER BY count(*) DESC, name LIMIT ${MOST_NAMES}`,
    'predictions',
  );
  if (!found.ok || found.value.length === 0 || found.value.length === MOST_NAMES) return NONE_ABSENT;
  const available = found.value.map((row) => String(row.name));
  return { columns: columns.filter((column) => !available.includes(column)), available };
}
