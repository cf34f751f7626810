import { cellEdges } from '../domain/distribution.js';
import type { Failure } from '../domain/failure.js';
import type { ColumnProfile, ColumnType, NumericProfile } from '../domain/profile.js';
import { ok, type Result } from '../domain/result.js';
import { numberOf, type Row, requireNumber } from './connection.js';
import type { Placed } from './placed-table.js';
import { identifier } from './source-sql.js';

/** Ranks at which quantiles are kept: KS distances from the cells between them are at most 0.002 too small. */
const QUANTILE_STEPS = 1000;
/**
 * Up to here quantiles and distinct values are exact; above, distinct values are a sketch's and quantiles those of a
 * sample of so many rows: each is within 0.5 % of its rank, and the counts between them are exact.
 */
const EXACT_ROWS = 65_536;
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

/**
 * Counts and ranges of all these columns, with the rows in the reference's cells where there is one, else in their own:
 * one scan of the table, after one of a sample of it for the quantiles. A sample, since sketches of quantiles depend on
 * which thread meets which rows: the same rows shall give the same profile.
 */
export async function profileNumbers(
  at: Placed,
  columns: readonly NumberColumn[],
): Promise<Result<readonly ColumnProfile[], Failure>> {
  const found: ColumnProfile[] = [];
  for (let start = 0; start < columns.length; start += BATCH) {
    const batch = columns.slice(start, start + BATCH);
    const sampled = await readQuantiles(at, batch);
    const quantiles = sampled.ok ? await readEnds(at, batch, sampled.value) : sampled;
    if (!quantiles.ok) return quantiles;
    const read = await at.connection.query(
      `SELECT ${batch.flatMap((column, i) => aggregates(column, i, { at, own: quantiles.value[i] ?? [] })).join(', ')}
       FROM (SELECT ${batch.flatMap(projections).join(', ')} FROM ${at.table})`,
      at.source,
    );
    if (!read.ok) return read;
    const row = read.value[0] ?? {};
    found.push(...batch.map((column, i) => toProfile(column, i, { row, at, quantiles: quantiles.value[i] ?? [] })));
  }
  return ok(found);
}

/** Values at equally spaced ranks: of all rows where they are few, else of a sample. */
async function readQuantiles(
  at: Placed,
  columns: readonly NumberColumn[],
): Promise<Result<readonly (readonly number[])[], Failure>> {
  const names = columns.map((column, i) => `${finite(column)} AS f${i}`).join(', ');
  const lists = columns.map((_, i) => `list_sort(list(f${i}) FILTER (WHERE f${i} IS NOT NULL)) AS s${i}`).join(', ');
  const picked = columns.map((_, i) => `${pickedSql(`s${i}`)} AS q${i}`).join(', ');
  const share = (100 * EXACT_ROWS) / at.rows;
  const rows = at.rows <= EXACT_ROWS ? at.table : `${at.table} USING SAMPLE ${share} PERCENT (bernoulli, 42)`;
  const read = await at.connection.inOrder(
    `SELECT ${picked} FROM (SELECT ${lists} FROM (SELECT ${names} FROM ${rows}))`,
    at.source,
  );
  if (!read.ok) return read;
  const row = read.value[0] ?? {};
  return ok(columns.map((_, i) => toNumbers(row[`q${i}`])));
}

const toNumbers = (list: unknown): readonly number[] => (Array.isArray(list) ? list.map(requireNumber) : []);

/** The true ends of the columns that have no other cells than their own. */
async function readEnds(
  at: Placed,
  columns: readonly NumberColumn[],
  sampled: readonly (readonly number[])[],
): Promise<Result<readonly (readonly number[])[], Failure>> {
  const ends = columns.flatMap((column, i) =>
    column.cells === undefined ? [`min(${finite(column)}) AS lowest${i}`, `max(${finite(column)}) AS highest${i}`] : [],
  );
  if (at.rows <= EXACT_ROWS || ends.length === 0) return ok(sampled);
  const read = await at.connection.query(`SELECT ${ends.join(', ')} FROM ${at.table}`, at.source);
  if (!read.ok) return read;
  const row = read.value[0] ?? {};
  return ok(sampled.map((own, i) => withEnds(own, numberOf(row[`lowest${i}`]), numberOf(row[`highest${i}`]))));
}

/** A sample's values between the true ends. */
function withEnds(sampled: readonly number[], min: number | undefined, max: number | undefined): readonly number[] {
  if (min === undefined || max === undefined) return sampled;
  return [min, ...sampled.slice(1, -1), max];
}

/**
 * The column as a double, its finite values and its summable ones: skipping NULLs is cheaper than a filter in each
 * aggregate, and whole numbers are all three.
 */
function projections(column: NumberColumn, i: number): readonly string[] {
  const value = `${identifier(column.name)}::DOUBLE`;
  return [
    `${value} AS v${i}`,
    `${finite(column)} AS f${i}`,
    `${isWhole(column) ? value : `CASE WHEN abs(${value}) < ${SUMMABLE} THEN ${value} END`} AS a${i}`,
  ];
}

const isWhole = (column: NumberColumn): boolean => column.type === 'integer';

const finite = (column: NumberColumn): string => {
  const value = `${identifier(column.name)}::DOUBLE`;
  return isWhole(column) ? value : `CASE WHEN isfinite(${value}) THEN ${value} END`;
};

function aggregates(
  column: NumberColumn,
  i: number,
  { at, own }: { readonly at: Placed; readonly own: readonly number[] },
): readonly string[] {
  const edges = cellEdges(column.cells ?? own);
  return [
    `count(v${i})::DOUBLE AS present${i}`,
    `count(f${i})::DOUBLE AS finite${i}`,
    ...(at.rows <= EXACT_ROWS
      ? [`count(DISTINCT v${i})::DOUBLE AS uniques${i}`]
      : column.cells === undefined
        ? [`approx_count_distinct(v${i})::DOUBLE AS uniques${i}`]
        : []),
    `min(f${i}) AS lowest${i}`,
    `max(f${i}) AS highest${i}`,
    `avg(a${i}) AS mean${i}`,
    `stddev_pop(a${i}) AS sd${i}`,
    `coalesce(sum((f${i} = 0)::INTEGER), 0)::DOUBLE AS zeros${i}`,
    `coalesce(sum((v${i} < 0)::INTEGER), 0)::DOUBLE AS negatives${i}`,
    ...(edges.length === 0 ? [] : [`map_values(histogram(f${i}, ${edgeList(edges)})) AS h${i}`]),
  ];
}

/** Values at equally spaced ranks of a sorted list, both ends included; of a short list all its values. */
const pickedSql = (list: string): string =>
  `CASE WHEN ${list} IS NULL OR len(${list}) <= ${QUANTILE_STEPS + 1} THEN ${list}
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
  { row, at, quantiles }: { readonly row: Row; readonly at: Placed; readonly quantiles: readonly number[] },
): ColumnProfile {
  const [present, finiteRows] = [requireNumber(row[`present${i}`]), requireNumber(row[`finite${i}`])];
  const counts = toCounts(row[`h${i}`], cellEdges(column.cells ?? quantiles));
  const [min, max] = [numberOf(row[`lowest${i}`]), numberOf(row[`highest${i}`])];
  const own = at.rows <= EXACT_ROWS ? quantiles : withEnds(quantiles, min, max);
  const base = {
    name: column.name,
    type: column.type,
    sqlType: column.sqlType,
    rows: at.rows,
    missing: at.rows - present,
    notFinite: present - finiteRows,
    // of a long window it only matters whether there is more than one
    distinct: numberOf(row[`uniques${i}`]) ?? new Set(own).size,
    ...(column.cells === undefined ? {} : { counted: counts }),
  };
  if (min === undefined || max === undefined) return base;
  const numeric: NumericProfile = {
    min,
    max,
    mean: steady(row[`mean${i}`]),
    sd: steady(row[`sd${i}`]),
    zeros: requireNumber(row[`zeros${i}`]),
    negatives: requireNumber(row[`negatives${i}`]),
    quantiles: own,
    ...(column.cells === undefined ? { counts } : {}),
  };
  return { ...base, numeric };
}

/** The digits that do not depend on the order in which threads add rows up. */
const steady = (sum: unknown): number => Number((numberOf(sum) ?? 0).toPrecision(10));
