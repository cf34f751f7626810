import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import { ok, type Result } from '../../domain/support/result.js';
import { coarseEdges, HISTORY_VALUES } from '../../statistics/distribution.js';
import { histogramSql, toCounts } from '../cells-sql.js';
import { numberOf, type Row, requireNumber } from '../connection.js';
import type { Placed } from '../placed-table.js';
import { identifier, literal } from '../quoted.js';
import { momentSql } from '../source-sql.js';

/** Most spans that the rows are cut into, and the rows that each should have. */
const MOST_SPANS = 40;
const SPAN_ROWS = 12;
/** Shorter tables have no history worth a scan. */
const LEAST_ROWS = 150;
/** Of longer tables without a time column, rows at equal distances are counted. */
const SAMPLED_ROWS = 400_000;
const BATCH = 100;
/** Row numbers, under a name that no column has. */
const NUMBER = '"refit row number"';

/** Rows with the number of the span that each belongs to. */
interface Spans {
  readonly table: string;
  /** SQL of a row's span, from 0; NULL for rows without one. */
  readonly span: string;
  readonly count: number;
}

/**
 * The columns with their rows by span, in coarse cells. Spans are of equal time where there is a time column, else of equal
 * rows in the order of the file: what follows each other in time often does there too.
 */
export async function readHistory(
  at: Placed,
  columns: readonly ColumnProfile[],
  time: TableProfile['time'],
): Promise<Result<readonly ColumnProfile[], Failure>> {
  const spans = time === undefined ? spansOfRows(at) : spansOfTime(at, time);
  if (spans === undefined) return ok(columns);
  const counted = columns.filter((column) => column.name !== time?.column);
  const numbers = await numberHistories(at, counted, spans);
  if (!numbers.ok) return numbers;
  const categories = await categoryHistories(at, counted, spans);
  if (!categories.ok) return categories;
  const histories = new Map([...numbers.value, ...categories.value]);
  return ok(columns.map((column) => ({ ...column, history: histories.get(column.name) })));
}

const spanCount = (rows: number): number => Math.min(MOST_SPANS, Math.floor(rows / SPAN_ROWS));

function spansOfTime(at: Placed, time: NonNullable<TableProfile['time']>): Spans | undefined {
  const length = time.to - time.from;
  if (at.rows < LEAST_ROWS || length <= 0) return undefined;
  const count = spanCount(at.rows);
  const moment = `epoch_ms(${momentSql(time.column)})`;
  const span = `least(${count - 1}, floor(${count} * (${moment} - ${time.from}) / ${length}.0))::INTEGER`;
  return { table: at.table, span, count };
}

function spansOfRows(at: Placed): Spans | undefined {
  if (at.rows < LEAST_ROWS) return undefined;
  const step = Math.ceil(at.rows / SAMPLED_ROWS);
  const numbered = `SELECT *, row_number() OVER () - 1 AS ${NUMBER} FROM ${at.table}`;
  const sampled = step === 1 ? '' : ` WHERE ${NUMBER} % ${step} = 0`;
  const count = spanCount(Math.ceil(at.rows / step));
  return {
    table: `(SELECT * FROM (${numbered})${sampled})`,
    span: `least(${count - 1}, floor(${count} * ${NUMBER} / ${at.rows}.0))::INTEGER`,
    count,
  };
}

type Histories = ReadonlyMap<string, readonly (readonly number[])[]>;

async function numberHistories(
  at: Placed,
  columns: readonly ColumnProfile[],
  { table, span }: Spans,
): Promise<Result<Histories, Failure>> {
  const histories = new Map<string, readonly (readonly number[])[]>();
  const numbers = columns.filter((column) => column.numeric !== undefined);
  for (let start = 0; start < numbers.length; start += BATCH) {
    const batch = numbers.slice(start, start + BATCH);
    const edges = batch.map((column) => coarseEdges(column.numeric?.quantiles ?? []));
    const wanted = batch.map((column, i) => `${histogramSql(column.name, edges[i] ?? [])} AS h${i}`);
    const read = await at.connection.query(
      `SELECT ${span} AS span, ${wanted.join(', ')} FROM ${table} WHERE ${span} IS NOT NULL GROUP BY 1 ORDER BY 1`,
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
  return ok(histories);
}

async function categoryHistories(
  at: Placed,
  columns: readonly ColumnProfile[],
  { table, span, count }: Spans,
): Promise<Result<Histories, Failure>> {
  const histories = new Map<string, readonly (readonly number[])[]>();
  for (const column of columns) {
    if (column.categories === undefined) continue;
    const values = column.categories.top.slice(0, HISTORY_VALUES).map((one) => literal(one.value));
    const cell = `coalesce(nullif(list_position([${values.join(', ')}], ${identifier(column.name)}::VARCHAR), 0), ${values.length + 1})`;
    const read = await at.connection.query(
      `SELECT ${span} AS span, ${cell}::DOUBLE AS cell, count(*)::DOUBLE AS n FROM ${table}
       WHERE ${identifier(column.name)} IS NOT NULL AND ${span} IS NOT NULL GROUP BY 1, 2`,
      at.source,
    );
    if (!read.ok) return read;
    histories.set(column.name, toSpans(read.value, count, values.length + 1));
  }
  return ok(histories);
}

function toSpans(rows: readonly Row[], count: number, cells: number): readonly (readonly number[])[] {
  const spans = Array.from({ length: count }, () => new Array<number>(cells).fill(0));
  for (const row of rows) {
    const counts = spans[numberOf(row.span) ?? 0];
    if (counts !== undefined) counts[requireNumber(row.cell) - 1] = requireNumber(row.n);
  }
  return spans.filter((counts) => counts.some((one) => one > 0));
}
