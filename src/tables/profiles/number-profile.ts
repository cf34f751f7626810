import type { ColumnProfile, ColumnType, NumericProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import { ok, type Result } from '../../domain/support/result.js';
import { cellEdges } from '../../statistics/distribution.js';
import { countInCells, createCellLookup, sortInStretches } from '../cell-lookup.js';
import { requireNumber } from '../connection.js';
import type { Placed } from '../placed-table.js';
import { identifier } from '../quoted.js';
import { createRowSample } from '../row-sample.js';
import { addValues, createSummary, type NumberSummary } from './number-summary.js';

/** Ranks at which quantiles are kept. KS distances from the cells between them are at most 0.002 too small. */
const QUANTILE_STEPS = 1000;
/**
 * Up to this many rows quantiles and distinct values are exact. In longer tables a sketch estimates distinct values, and
 * quantiles come from a sample of this many rows: each is within 0.5 % of its rank, with exact counts between them.
 */
const EXACT_ROWS = 65_536;
/** Columns of one scan. Each has its own sample in memory. */
const BATCH = 40;

export interface NumberColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly sqlType: string;
  /** Quantiles of the reference in whose cells the rows are counted too. */
  readonly cells?: readonly number[];
}

/** A column as one scan has seen it. */
interface Scanned {
  readonly summary: NumberSummary;
  /** Finite values in order, of all rows where they are few, else of a sample. */
  readonly sorted: Float64Array;
  /** Rows in the reference's cells. */
  readonly counted?: readonly number[];
}

/**
 * Counts and ranges of these columns in one scan, with the rows in the reference's cells where there is a reference. Without
 * one, a longer table is read once more to count rows in the cells of its own quantiles. Quantiles come from a sample, not a
 * sketch: a sketch depends on which thread reads which rows, and the same rows must give the same profile.
 */
export async function profileNumbers(
  at: Placed,
  columns: readonly NumberColumn[],
): Promise<Result<readonly ColumnProfile[], Failure>> {
  const found: ColumnProfile[] = [];
  for (let start = 0; start < columns.length; start += BATCH) {
    const batch = columns.slice(start, start + BATCH);
    const scanned = await scan(at, batch);
    if (!scanned.ok) return scanned;
    const own = batch
      .map((column, i) => ({ column, seen: scanned.value[i] }))
      .flatMap(({ column, seen }) => (seen === undefined ? [] : [{ column, seen, quantiles: quantilesOf(at, seen) }]));
    const counted = await countOwn(at, own);
    if (!counted.ok) return counted;
    const distinct = await countDistinct(at, own);
    if (!distinct.ok) return distinct;
    for (const { column, seen, quantiles } of own) {
      const counts = counted.value.get(column.name);
      const uniques = distinct.value.get(column.name);
      found.push(toProfile(at, { column, seen, quantiles, counts, uniques }));
    }
  }
  return ok(found);
}

async function scan(at: Placed, columns: readonly NumberColumn[]): Promise<Result<readonly Scanned[], Failure>> {
  const wanted = Math.min(EXACT_ROWS, Math.max(1, at.rows));
  const sample = createRowSample(at.rows, wanted);
  const read = columns.map((column) => ({
    isCounted: column.cells !== undefined,
    cells: createCellLookup(cellEdges(column.cells ?? [])),
    summary: createSummary(),
    sampled: new Float64Array(wanted),
    filled: 0,
  }));
  const scanned = await at.connection.numbers(selectNumbers(at, columns), at.source, (chunk, rows) => {
    const drawn = sample.next(rows);
    read.forEach((one, i) => {
      const column = chunk[i];
      if (column === undefined) return;
      const { values, hasNull } = column;
      addValues(one.summary, values, { rows, hasNull, cells: one.cells });
      for (const row of drawn) {
        const value = values[row] ?? Number.NaN;
        if (Number.isFinite(value)) one.sampled[one.filled++] = value;
      }
    });
  });
  if (!scanned.ok) return scanned;
  return ok(
    read.map(({ summary, cells, isCounted, sampled, filled }) => ({
      summary,
      sorted: sortInStretches(cells, sampled.subarray(0, filled)),
      ...(isCounted ? { counted: [...cells.counts] } : {}),
    })),
  );
}

/** As doubles, so that one loop reads all columns. */
const selectNumbers = (at: Placed, columns: readonly NumberColumn[]): string =>
  `SELECT ${columns.map((column) => `${identifier(column.name)}::DOUBLE`).join(', ')} FROM ${at.table}`;

/** Whether the table is so short that its different values are counted. */
export const isExact = (at: Placed): boolean => at.rows <= EXACT_ROWS;

/** Values at equally spaced ranks, with the true minimum and maximum; all values of a short column. */
function quantilesOf(at: Placed, { sorted, summary }: Scanned): readonly number[] {
  const picked =
    sorted.length <= QUANTILE_STEPS + 1
      ? [...sorted]
      : Array.from(
          { length: QUANTILE_STEPS + 1 },
          (_, k) => sorted[Math.round((k * (sorted.length - 1)) / QUANTILE_STEPS)] ?? 0,
        );
  // The sample of a column may be empty although the column has values.
  return isExact(at) || summary.min > summary.max ? picked : [summary.min, ...picked.slice(1, -1), summary.max];
}

/** Rows in the cells of a column's own quantiles, by name, for columns without a reference. */
async function countOwn(
  at: Placed,
  columns: readonly { readonly column: NumberColumn; readonly seen: Scanned; readonly quantiles: readonly number[] }[],
): Promise<Result<ReadonlyMap<string, readonly number[]>, Failure>> {
  const wanted = columns
    .filter(({ column }) => column.cells === undefined)
    .map((one) => ({ ...one, cells: createCellLookup(cellEdges(one.quantiles)) }));
  if (isExact(at)) for (const { cells, seen } of wanted) countInCells(cells, seen.sorted, seen.sorted.length);
  else if (wanted.length > 0) {
    const select = selectNumbers(
      at,
      wanted.map((one) => one.column),
    );
    const read = await at.connection.numbers(select, at.source, (chunk, rows) => {
      wanted.forEach(({ cells }, i) => {
        const values = chunk[i]?.values;
        if (values !== undefined) countInCells(cells, values, rows);
      });
    });
    if (!read.ok) return read;
  }
  return ok(new Map(wanted.map(({ column, cells }) => [column.name, [...cells.counts]])));
}

/**
 * Distinct values by name, where the scan does not tell. Long tables get a sketch's estimate; windows need none, because only
 * "more than one" matters there. Whole numbers beyond 2^53 are counted by DuckDB: as doubles different ones become equal.
 */
async function countDistinct(
  at: Placed,
  columns: readonly { readonly column: NumberColumn; readonly seen: Scanned }[],
): Promise<Result<ReadonlyMap<string, number>, Failure>> {
  const wanted = columns.flatMap(({ column, seen }) =>
    column.cells === undefined && (!isExact(at) || isBeyondDoubles(column, seen))
      ? [{ ...column, isBeyond: isBeyondDoubles(column, seen) }]
      : [],
  );
  if (wanted.length === 0) return ok(new Map());
  const sketches = wanted.map(({ name, isBeyond }, i) => {
    const value = isBeyond ? identifier(name) : `${identifier(name)}::DOUBLE`;
    const count = isExact(at) ? `count(DISTINCT ${value})` : `approx_count_distinct(${value})`;
    return `${count}::DOUBLE AS u${i}`;
  });
  const read = await at.connection.query(`SELECT ${sketches.join(', ')} FROM ${at.table}`, at.source);
  if (!read.ok) return read;
  return ok(new Map(wanted.map(({ name }, i) => [name, requireNumber(read.value[0]?.[`u${i}`])])));
}

const isBeyondDoubles = ({ type }: NumberColumn, { summary }: Scanned): boolean =>
  type === 'integer' && Math.max(summary.max, -summary.min) > Number.MAX_SAFE_INTEGER;

function toProfile(
  at: Placed,
  known: {
    readonly column: NumberColumn;
    readonly seen: Scanned;
    readonly quantiles: readonly number[];
    readonly counts: readonly number[] | undefined;
    readonly uniques: number | undefined;
  },
): ColumnProfile {
  const { column, seen, quantiles, counts } = known;
  const { summary } = seen;
  const base = {
    name: column.name,
    type: column.type,
    sqlType: column.sqlType,
    rows: at.rows,
    missing: summary.missing,
    notFinite: summary.above + summary.below,
    distinct: known.uniques ?? distinctOf(at, seen, quantiles),
    isDistinctEstimate: isExact(at) ? undefined : true,
    counted: seen.counted,
  };
  if (summary.min > summary.max) return base;
  const numeric: NumericProfile = {
    min: summary.min,
    max: summary.max,
    mean: steady(summary.mean),
    sd: steady(Math.sqrt(summary.squares / Math.max(1, summary.summed))),
    zeros: summary.zeros,
    negatives: summary.negatives + summary.below,
    quantiles,
    counts,
  };
  return { ...base, numeric };
}

/** Exact where all rows are known. Infinite values count too. */
function distinctOf(at: Placed, { sorted, summary }: Scanned, quantiles: readonly number[]): number {
  if (!isExact(at)) return new Set(quantiles).size;
  let different = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) different++;
  return different + Math.sign(summary.above) + Math.sign(summary.below);
}

/** Rounds a sum to the digits that do not depend on the order of adding. */
const steady = (sum: number): number => Number(sum.toPrecision(10));
