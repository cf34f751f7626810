import { basename } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { SpanColumn, TableSource, TableSpan } from '../../domain/ports/datasets.js';
import { ok, type Result } from '../../domain/support/result.js';
import { instantOf } from '../../domain/support/time.js';
import { histogramSql, toCounts } from '../cells-sql.js';
import { type Connection, type Row, requireNumber } from '../connection.js';
import { identifier, literal } from '../quoted.js';
import { makeReadable } from '../read-source.js';
import { momentSql, nameOf, selectSql } from '../source-sql.js';

/** The column that says which file a row is of. No column of a user has this name. */
const FILE = 'refit file 7f3c9a';

/** Rows by span and file in one scan. */
export async function countSpans(
  connection: Connection,
  asked: TableSource,
  wanted: { readonly spanMs: number; readonly columns: readonly SpanColumn[] },
): Promise<Result<readonly TableSpan[], Failure>> {
  const readable = await makeReadable(connection, asked);
  if (!readable.ok) return readable;
  const isFiles = asked.from.kind === 'files';
  const source = isFiles ? readable.value.spell({ fileColumn: FILE }) : readable.value.source;
  const sql = spanSql({ ...source, timeColumn: asked.timeColumn }, wanted, isFiles);
  const read = await connection.query(sql, nameOf(asked));
  return read.ok ? ok(read.value.map((row) => toSpan(row, wanted.columns))) : read;
}

function spanSql(
  source: TableSource,
  { spanMs, columns }: { readonly spanMs: number; readonly columns: readonly SpanColumn[] },
  isFiles: boolean,
): string {
  const moment = source.timeColumn === undefined ? '0' : `epoch_ms(${momentSql(source.timeColumn)})`;
  const counts = columns.flatMap((column, i) => [
    `${cellsSql(column)} AS h${i}`,
    `count(*)::DOUBLE - count(${presentSql(column)}) AS m${i}`,
  ]);
  return `SELECT (floor(${moment} / ${spanMs}) * ${spanMs})::DOUBLE AS at, ${isFiles ? identifier(FILE) : 'NULL'} AS file, ${['count(*)::DOUBLE AS n', ...counts].join(', ')}
    FROM (${selectSql(source)}) WHERE ${moment} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`;
}

function cellsSql(column: SpanColumn): string {
  if ('edges' in column) return histogramSql(column.name, column.edges);
  const id = identifier(column.name);
  const last = column.values.length + 1;
  const cell = `coalesce(nullif(list_position([${column.values.map(literal).join(', ')}], ${id}::VARCHAR), 0), ${last})`;
  return `map_values(histogram(CASE WHEN ${id} IS NOT NULL THEN ${cell}::DOUBLE END, [${column.values.map((_, i) => i + 1).join(', ')}]))`;
}

const presentSql = (column: SpanColumn): string => {
  const id = identifier(column.name);
  return 'edges' in column ? `CASE WHEN isfinite(${id}::DOUBLE) THEN 1 END` : id;
};

const toSpan = (row: Row, columns: readonly SpanColumn[]): TableSpan => ({
  from: instantOf(requireNumber(row.at)),
  ...(typeof row.file === 'string' ? { file: basename(row.file) } : {}),
  rows: requireNumber(row.n),
  counts: columns.map((column, i) => {
    const cells = 'edges' in column ? column.edges : column.values.map((_, k) => k);
    return [...toCounts(row[`h${i}`], cells), requireNumber(row[`m${i}`])];
  }),
});
