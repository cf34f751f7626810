import { brokenRowFailure } from '../domain/data/broken-row.js';
import type { Failure } from '../domain/failure.js';
import type { Relation, TableSource } from '../domain/ports/datasets.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { instantOf } from '../domain/support/time.js';
import { type Connection, numberOf, requireNumber } from './connection.js';
import { readHeld } from './held-text.js';
import { identifier } from './quoted.js';
import { makeReadable } from './read-source.js';
import { fromSql, momentSql, nameOf, selectSql, whereSql } from './source-sql.js';

/** Names of the columns, in the order of the source. Reads text files from end to end. */
export async function columnNames(
  connection: Connection,
  source: TableSource,
): Promise<Result<readonly string[], Failure>> {
  const readable = await readHeld(connection, source);
  if (!readable.ok) return readable;
  const described = await connection.query(`DESCRIBE ${selectSql(readable.value.source)}`, nameOf(source));
  return described.ok ? ok(described.value.map((row) => String(row.column_name))) : described;
}

/** Number of rows of the source, as it is cut. Broken rows of text files do not count. */
export async function count(connection: Connection, asked: TableSource): Promise<Result<number, Failure>> {
  const readable = await readHeld(connection, asked, { isWorthIt: false });
  if (!readable.ok) return readable;
  const { source } = readable.value;
  const sql = `SELECT count(*)::DOUBLE AS n FROM ${fromSql(source)}${whereSql(source)}`;
  const rows = await connection.query(sql, nameOf(asked));
  return rows.ok ? ok(requireNumber(rows.value[0]?.n)) : rows;
}

/**
 * First and last moment of the time column, both inclusive, with the number of rows. `undefined` without a time
 * column, or if no row has a time.
 */
export async function timeRange(connection: Connection, asked: TableSource) {
  if (asked.timeColumn === undefined) return ok(undefined);
  const readable = await readHeld(connection, asked);
  if (!readable.ok) return readable;
  const { source } = readable.value;
  const time = momentSql(asked.timeColumn);
  const rows = await connection.query(
    `SELECT epoch_ms(min(${time}))::DOUBLE AS a, epoch_ms(max(${time}))::DOUBLE AS b, count(*)::DOUBLE AS n
     FROM ${fromSql(source)}${whereSql(source)}`,
    nameOf(asked),
  );
  if (!rows.ok) return rows;
  const [from, to] = [numberOf(rows.value[0]?.a), numberOf(rows.value[0]?.b)];
  if (from === undefined || to === undefined) return ok(undefined);
  return ok({ from: instantOf(from), to: instantOf(to), rows: requireNumber(rows.value[0]?.n) });
}

/**
 * The source as SQL that can stand after FROM: for DuckDB, and for people with the paths of `shown`. Its types are
 * spelled out.
 */
export async function relation(
  connection: Connection,
  source: TableSource,
  shown?: readonly string[],
): Promise<Result<Relation, Failure>> {
  const readable = await makeReadable(connection, source);
  if (!readable.ok) return readable;
  const { faults, spell } = readable.value;
  return ok({
    sql: `(${selectSql(readable.value.source)})`,
    shown: `(${selectSql(shown === undefined ? readable.value.source : spell({ shown }))})`,
    faults,
  });
}

/** All rows, each value with all its digits; a table with broken rows is none to be paired or evaluated. */
export async function readColumns(
  connection: Connection,
  asked: TableSource,
  columns: readonly string[],
): Promise<Result<Columns, Failure>> {
  const readable = await readHeld(connection, asked);
  if (!readable.ok) return readable;
  const broken = brokenRowFailure(readable.value.faults);
  return broken === undefined
    ? selectColumns(connection, readable.value.source, { columns, cell: exact })
    : err(broken);
}

/**
 * Up to `rows` rows, the same ones each time and in their own order. Broken rows are left out. Columns that the
 * source lacks are absent. A number has a double's precision.
 */
export async function sampleColumns(
  connection: Connection,
  asked: TableSource,
  columns: readonly string[],
  rows: number,
): Promise<Result<Columns, Failure>> {
  const readable = await readHeld(connection, asked);
  return readable.ok
    ? selectColumns(connection, readable.value.source, { columns, cell: plain, sampled: rows })
    : readable;
}

type Columns = ReadonlyMap<string, readonly (number | string | null)[]>;

interface Selection {
  readonly columns: readonly string[];
  readonly cell: (value: unknown) => number | string | null;
  /** How many rows are drawn. Absent: all are read. */
  readonly sampled?: number;
}

async function selectColumns(
  connection: Connection,
  source: TableSource,
  { columns, cell, sampled }: Selection,
): Promise<Result<Columns, Failure>> {
  const names = await columnNames(connection, source);
  if (!names.ok) return names;
  const present = new Set(names.value);
  const wanted = columns.filter((column) => present.has(column));
  if (wanted.length === 0) return ok(new Map());
  // Under names that are free of quotes and clashes.
  const list = wanted.map((column, i) => `${identifier(column)} AS c${i}`).join(', ');
  const rows = `SELECT ${list} FROM ${fromSql(source)}${whereSql(source)}`;
  const read = await connection.columns(sampled === undefined ? rows : sampleSql(rows, sampled), nameOf(source));
  if (!read.ok) return read;
  return ok(new Map(wanted.map((column, i) => [column, (read.value[`c${i}`] ?? []).map(cell)])));
}

/** Rows by the hash of their number: the same ones each time, however many threads read them, in their own order. */
const sampleSql = (rows: string, sampled: number): string =>
  `SELECT * EXCLUDE (n) FROM (
     SELECT * FROM (SELECT *, row_number() OVER () AS n FROM (${rows})) ORDER BY hash(n + 42), n LIMIT ${sampled}) ORDER BY n`;

function plain(value: unknown): number | string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return numberOf(value) ?? String(value);
}

/** Whole numbers that a double would round stay text. */
const exact = (value: unknown): number | string | null =>
  typeof value === 'bigint' && !Number.isSafeInteger(Number(value)) ? String(value) : plain(value);
