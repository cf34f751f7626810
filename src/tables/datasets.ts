import type { Failure } from '../domain/failure.js';
import type { Datasets, TableSource } from '../domain/ports/datasets.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { instantOf } from '../domain/support/time.js';
import { type Connection, createConnection, numberOf, requireNumber } from './connection.js';
import { holdText } from './held-text.js';
import { fromSql, identifier, literal, momentSql, nameOf, selectSql, whereSql } from './source-sql.js';
import { formatSql } from './table-format.js';

/** The only reader of data, each of its abilities loaded when it is used. Relative paths in a user's own SQL count from `root`. */
export function createDatasets(root = '.'): Datasets {
  const connection = createConnection(root);
  return {
    profile: async (source, reference, signal) =>
      (await import('./profile.js')).profileTable(connection, source, { reference, signal }),
    sample: (source, columns, rows) => readColumns(connection, source, columns, rows),
    columns: (source) => columnNames(connection, source),
    countSpans: async (source, spanMs, columns) =>
      (await import('./span-counts.js')).countSpans(connection, source, { spanMs, columns }),
    countRows: (source) => count(connection, source),
    timeRange: (source) => timeRange(connection, source),
    copyCut: (source, to) => copyCut(connection, source, to),
    check: async (source, work) => (await import('./check-table.js')).checkTable(connection, source, work),
    relation: (source) => `(${selectSql(source)})`,
    isReproducible: async (sql, tables) => (await import('./reproducible.js')).isReproducible(connection, sql, tables),
    readColumns: (source, columns) => readColumns(connection, source, columns),
    openPredictionLog: async (sources, place) =>
      (await import('./prediction-log.js')).openPredictionLog(connection, sources, place),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

async function columnNames(connection: Connection, asked: TableSource): Promise<Result<readonly string[], Failure>> {
  const source = await holdText(connection, asked);
  const described = await connection.query(`DESCRIBE ${selectSql(source)}`, nameOf(source));
  return described.ok ? ok(described.value.map((row) => String(row.column_name))) : described;
}

async function count(connection: Connection, asked: TableSource): Promise<Result<number, Failure>> {
  const source = await holdText(connection, asked, { isWorthIt: false });
  const sql = `SELECT count(*)::DOUBLE AS n FROM ${fromSql(source)}${whereSql(source)}`;
  const rows = await connection.query(sql, nameOf(source));
  return rows.ok ? ok(requireNumber(rows.value[0]?.n)) : rows;
}

async function timeRange(connection: Connection, asked: TableSource) {
  if (asked.timeColumn === undefined) return ok(undefined);
  const source = { ...(await holdText(connection, asked)), timeColumn: asked.timeColumn };
  const time = momentSql(source.timeColumn);
  const rows = await connection.query(
    `SELECT epoch_ms(min(${time}))::DOUBLE AS a, epoch_ms(max(${time}))::DOUBLE AS b, count(*)::DOUBLE AS n
     FROM ${fromSql(source)}${whereSql(source)}`,
    nameOf(source),
  );
  if (!rows.ok) return rows;
  const [from, to] = [numberOf(rows.value[0]?.a), numberOf(rows.value[0]?.b)];
  if (from === undefined || to === undefined) return ok(undefined);
  return ok({ from: instantOf(from), to: instantOf(to), rows: requireNumber(rows.value[0]?.n) });
}

/** The copy has the format of its name, so that a step reads it like the original. */
async function copyCut(connection: Connection, source: TableSource, to: string): Promise<Result<number, Failure>> {
  const format = /\.(gz|zst)$/i.test(to) ? undefined : formatSql(to);
  if (format === undefined)
    return err({
      code: 'unsupported',
      what: `cutting the compressed file ${nameOf(source)}`,
      next: 'store it uncompressed or as Parquet',
    });
  const copied = await connection.query(`COPY (${selectSql(source)}) TO ${literal(to)} (${format})`, nameOf(source));
  return copied.ok ? ok(numberOf(copied.value[0]?.Count) ?? 0) : copied;
}

async function readColumns(
  connection: Connection,
  asked: TableSource,
  columns: readonly string[],
  sampled?: number,
): Promise<Result<ReadonlyMap<string, readonly (number | string | null)[]>, Failure>> {
  const source = await holdText(connection, asked);
  const names = await columnNames(connection, source);
  if (!names.ok) return names;
  const present = new Set(names.value);
  const wanted = columns.filter((column) => present.has(column));
  if (wanted.length === 0) return ok(new Map());
  // under names of its own: a column may have any name
  const list = wanted.map((column, i) => `${identifier(column)} AS c${i}`).join(', ');
  const rows = `SELECT ${list} FROM ${fromSql(source)}${whereSql(source)}`;
  const read = await connection.columns(
    sampled === undefined ? rows : `SELECT * FROM (${rows}) USING SAMPLE reservoir(${sampled} ROWS) REPEATABLE (42)`,
    nameOf(source),
  );
  if (!read.ok) return read;
  return ok(new Map(wanted.map((column, i) => [column, (read.value[`c${i}`] ?? []).map(plain)])));
}

function plain(value: unknown): number | string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return numberOf(value) ?? String(value);
}
