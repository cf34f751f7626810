import type { ColumnProfile, TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import { ok, type Result } from '../domain/support/result.js';
import { coarseEdges, HISTORY_VALUES } from '../statistics/distribution.js';
import { histogramSql, toCounts } from './cells-sql.js';
import { numberOf, type Row, requireNumber } from './connection.js';
import type { Placed } from './placed-table.js';
import { identifier, literal, momentSql } from './source-sql.js';

/** Spans of equal length that the time range is cut into. */
const CHUNKS = 10;
/** Fewer rows have no history worth a scan. */
const LEAST_ROWS = 500;
const BATCH = 100;

/** The columns with their rows by span of time, in coarse cells. */
export async function readHistory(
  at: Placed,
  columns: readonly ColumnProfile[],
  time: NonNullable<TableProfile['time']>,
): Promise<Result<readonly ColumnProfile[], Failure>> {
  const length = time.to - time.from;
  if (at.rows < LEAST_ROWS || length <= 0) return ok(columns);
  const moment = `epoch_ms(${momentSql(time.column)})`;
  const chunk = `least(${CHUNKS - 1}, floor(${CHUNKS} * (${moment} - ${time.from}) / ${length}.0))::INTEGER`;
  const histories = new Map<string, readonly (readonly number[])[]>();
  const numbers = columns.filter((column) => column.numeric !== undefined && column.name !== time.column);
  for (let start = 0; start < numbers.length; start += BATCH) {
    const batch = numbers.slice(start, start + BATCH);
    const edges = batch.map((column) => coarseEdges(column.numeric?.quantiles ?? []));
    const wanted = batch.map((column, i) => `${histogramSql(column.name, edges[i] ?? [])} AS h${i}`);
    const read = await at.connection.query(
      `SELECT ${chunk} AS chunk, ${wanted.join(', ')} FROM ${at.table} WHERE ${moment} IS NOT NULL GROUP BY 1 ORDER BY 1`,
      at.source,
    );
    if (!read.ok) return read;
    batch.forEach((column, i) => {
      histories.set(
        column.name,
        read.value.map((row) => toCounts(row[`h${i}`], edges[i] ?? [])),
      );
    });
  }
  for (const column of columns) {
    if (column.categories === undefined || column.name === time.column) continue;
    const values = column.categories.top.slice(0, HISTORY_VALUES).map((one) => literal(one.value));
    const cell = `coalesce(nullif(list_position([${values.join(', ')}], ${identifier(column.name)}::VARCHAR), 0), ${values.length + 1})`;
    const read = await at.connection.query(
      `SELECT ${chunk} AS chunk, ${cell}::DOUBLE AS cell, count(*)::DOUBLE AS n FROM ${at.table}
       WHERE ${identifier(column.name)} IS NOT NULL AND ${moment} IS NOT NULL GROUP BY 1, 2`,
      at.source,
    );
    if (!read.ok) return read;
    histories.set(column.name, toChunks(read.value, values.length + 1));
  }
  return ok(
    columns.map((column) => {
      const history = histories.get(column.name);
      return history === undefined ? column : { ...column, history };
    }),
  );
}

function toChunks(rows: readonly Row[], cells: number): readonly (readonly number[])[] {
  const chunks = Array.from({ length: CHUNKS }, () => new Array<number>(cells).fill(0));
  for (const row of rows) {
    const counts = chunks[numberOf(row.chunk) ?? 0];
    if (counts !== undefined) counts[requireNumber(row.cell) - 1] = requireNumber(row.n);
  }
  return chunks.filter((counts) => counts.some((count) => count > 0));
}
