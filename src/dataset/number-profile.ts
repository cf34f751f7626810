import { cellEdges } from '../domain/distribution.js';
import type { Failure } from '../domain/failure.js';
import type { ColumnProfile, ColumnType, NumericProfile } from '../domain/profile.js';
import { ok, type Result } from '../domain/result.js';
import { numberOf, type Row, requireNumber } from './connection.js';
import type { Placed } from './placed-table.js';
import { identifier } from './source-sql.js';

/** Ranks at which quantiles are kept: KS distances from the cells between them are at most 0.001 too small. */
const QUANTILE_STEPS = 1000;
/** Up to here quantiles and distinct values are exact; above, sketches keep memory flat (the counts stay exact). */
const EXACT_ROWS = 20_000;
/** Columns of one query: each adds about twelve aggregates. */
const BATCH = 40;
/** Larger values would overflow sums and squares. */
const SUMMABLE = '1e150';

export interface NumberColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly sqlType: string;
  /** Quantiles of the reference in whose cells the rows are counted too. */
  readonly cells?: readonly number[];
}

/** Counts, ranges, quantiles and, where a reference is given, rows in its cells: one scan for all these columns. */
export async function profileNumbers(
  at: Placed,
  columns: readonly NumberColumn[],
): Promise<Result<readonly ColumnProfile[], Failure>> {
  const found: ColumnProfile[] = [];
  for (let start = 0; start < columns.length; start += BATCH) {
    const batch = columns.slice(start, start + BATCH);
    const inner = batch.flatMap((column, i) => aggregates(column, i, at.rows));
    const outer = batch.flatMap((_, i) => (at.rows > EXACT_ROWS ? [] : [`${pickedSql(`s${i}`)} AS q${i}`]));
    const cleaned = batch.flatMap(projections);
    const sql = `SELECT *${outer.map((one) => `, ${one}`).join('')} FROM (SELECT ${inner.join(', ')} FROM (SELECT ${cleaned.join(', ')} FROM ${at.table}))`;
    const read = await at.connection.query(sql, at.source);
    if (!read.ok) return read;
    found.push(...batch.map((column, i) => toProfile(column, i, { row: read.value[0] ?? {}, rows: at.rows })));
  }
  return ok(found);
}

/** The column as a double, its finite values and its summable ones: skipping NULLs is cheaper than a filter in each aggregate. */
function projections(column: NumberColumn, i: number): readonly string[] {
  const value = `${identifier(column.name)}::DOUBLE`;
  return [
    `${value} AS v${i}`,
    `CASE WHEN isfinite(${value}) THEN ${value} END AS f${i}`,
    `CASE WHEN abs(${value}) < ${SUMMABLE} THEN ${value} END AS a${i}`,
  ];
}

function aggregates(column: NumberColumn, i: number, rows: number): readonly string[] {
  const isShort = rows <= EXACT_ROWS;
  const ranks = Array.from({ length: QUANTILE_STEPS + 1 }, (_, k) => k / QUANTILE_STEPS).join(', ');
  const value = column.type === 'integer' && !column.sqlType.includes('HUGE') ? `TRY_CAST(f${i} AS BIGINT)` : `f${i}`;
  return [
    `count(v${i})::DOUBLE AS present${i}`,
    `count(f${i})::DOUBLE AS finite${i}`,
    `${isShort ? `count(DISTINCT v${i})` : `approx_count_distinct(v${i})`}::DOUBLE AS uniques${i}`,
    `min(f${i}) AS lowest${i}`,
    `max(f${i}) AS highest${i}`,
    `avg(a${i}) AS mean${i}`,
    `stddev_pop(a${i}) AS sd${i}`,
    `coalesce(sum((f${i} = 0)::INTEGER), 0)::DOUBLE AS zeros${i}`,
    `coalesce(sum((v${i} < 0)::INTEGER), 0)::DOUBLE AS negatives${i}`,
    isShort
      ? `list_sort(list(f${i}) FILTER (WHERE f${i} IS NOT NULL)) AS s${i}`
      : `approx_quantile(${value}, [${ranks}]) AS q${i}`,
    ...(column.cells === undefined || column.cells.length === 0
      ? []
      : [`map_values(histogram(f${i}, ${edgeList(cellEdges(column.cells))})) AS h${i}`]),
  ];
}

/** Values at equally spaced ranks of a sorted list, both ends included; of a short list all its values. */
const pickedSql = (list: string): string =>
  `CASE WHEN len(${list}) <= ${QUANTILE_STEPS + 1} THEN ${list}
    ELSE list_transform(range(${QUANTILE_STEPS + 1}), lambda k: ${list}[(1 + round(k * (len(${list}) - 1) / ${QUANTILE_STEPS}.0))::BIGINT]) END`;

/** Rows in the cells of these edges as a list; a last cell without rows is left out of it. */
export function histogramSql(column: string, edges: readonly number[]): string {
  const value = `${identifier(column)}::DOUBLE`;
  return `map_values(histogram(CASE WHEN isfinite(${value}) THEN ${value} END, ${edgeList(edges)}))`;
}

/** With exponents DuckDB reads doubles; a decimal could come out one step off. */
const edgeList = (edges: readonly number[]): string => `[${edges.map((edge) => edge.toExponential()).join(',')}]`;

/** The list of `histogramSql` as counts, with every cell. */
export function toCounts(list: unknown, edges: readonly number[]): readonly number[] {
  const given = Array.isArray(list) ? list : [];
  return Array.from({ length: edges.length + 1 }, (_, i) => numberOf(given[i]) ?? 0);
}

function toProfile(
  column: NumberColumn,
  i: number,
  { row, rows }: { readonly row: Row; readonly rows: number },
): ColumnProfile {
  const [present, finite] = [requireNumber(row[`present${i}`]), requireNumber(row[`finite${i}`])];
  const base = {
    name: column.name,
    type: column.type,
    sqlType: column.sqlType,
    rows,
    missing: rows - present,
    notFinite: present - finite,
    distinct: requireNumber(row[`uniques${i}`]),
    ...(column.cells === undefined ? {} : { counted: toCounts(row[`h${i}`], cellEdges(column.cells)) }),
  };
  if (finite === 0) return base;
  const [min, max] = [requireNumber(row[`lowest${i}`]), requireNumber(row[`highest${i}`])];
  const numeric: NumericProfile = {
    min,
    max,
    mean: numberOf(row[`mean${i}`]) ?? 0,
    sd: numberOf(row[`sd${i}`]) ?? 0,
    zeros: requireNumber(row[`zeros${i}`]),
    negatives: requireNumber(row[`negatives${i}`]),
    quantiles: withEnds(row[`q${i}`], min, max),
  };
  return { ...base, numeric };
}

/** Estimated quantiles in order, within the range, and ending at its true ends. */
function withEnds(list: unknown, min: number, max: number): readonly number[] {
  const given = Array.isArray(list) ? list.map(requireNumber) : [];
  const sorted = given.map((value) => Math.min(max, Math.max(min, value))).sort((a, b) => a - b);
  return sorted.map((value, i) => (i === 0 ? min : i === sorted.length - 1 ? max : value));
}

/** Rows of each column in its own cells, one more scan: what later windows are compared with, exactly. */
export async function countNumbers(
  at: Placed,
  columns: readonly ColumnProfile[],
): Promise<Result<readonly ColumnProfile[], Failure>> {
  const found: ColumnProfile[] = [];
  for (let start = 0; start < columns.length; start += BATCH) {
    const batch = columns.slice(start, start + BATCH);
    const edges = batch.map((column) => cellEdges(column.numeric?.quantiles ?? []));
    const wanted = batch.flatMap((column, i) =>
      column.numeric === undefined ? [] : [`${histogramSql(column.name, edges[i] ?? [])} AS h${i}`],
    );
    const read =
      wanted.length === 0
        ? ok([])
        : await at.connection.query(`SELECT ${wanted.join(', ')} FROM ${at.table}`, at.source);
    if (!read.ok) return read;
    found.push(
      ...batch.map((column, i) =>
        column.numeric === undefined
          ? column
          : { ...column, numeric: { ...column.numeric, counts: toCounts(read.value[0]?.[`h${i}`], edges[i] ?? []) } },
      ),
    );
  }
  return ok(found);
}
