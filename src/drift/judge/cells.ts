import type { CategoryProfile, ColumnProfile, NumericProfile } from '../../domain/data/profile.js';
import {
  alignCategories,
  type Cells,
  ownCells,
  type Quantiles,
  recount,
  total,
} from '../../statistics/distribution.js';
import { categoryPair, isCountedByValue } from './effects/few-values.js';

/** Both windows of a column, counted in the same cells. */
export interface ColumnCells extends Cells {
  readonly kind: 'numeric' | 'categorical';
  /** Of a number column: upper bounds of all cells except the last. */
  readonly edges: readonly number[];
  /** Of a category column: the value of each cell except the last. */
  readonly values: readonly string[];
  /** Of a number column: kept values of the current window. */
  readonly kept?: Quantiles;
  /** Whether a number column has few values, each with a cell of its own. */
  readonly isDiscrete?: boolean;
  /** Whether each cell of a number column between *under* and *over* is one value in both windows. */
  readonly isByValue?: boolean;
  /** Whether the cells of a category column group values by their hash. */
  readonly isHashed?: boolean;
  /** Rows whose value is missing or not finite. */
  readonly missing: { readonly reference: number; readonly current: number };
}

/** Number of cells for distances between shares, about. */
const SHARE_CELLS = 20;
/** If the reference does not keep all of its values, those with fewer rows share the last cell. */
const LEAST_KEPT_ROWS = 30;

/** Rows whose value is missing, infinite or NaN. */
export const missingRows = (column: ColumnProfile): number => column.missing + column.notFinite;

/** Whether most kept values are repeated. Then the column has few values, and each kept value stands for many rows. */
export const isDiscrete = ({ quantiles }: NumericProfile): boolean => 2 * new Set(quantiles).size <= quantiles.length;

export interface AlignOptions {
  /** Keeps a number column of two values as numbers. */
  readonly isNumeric?: boolean;
}

/** Counts both windows in the same cells. `undefined` if their types cannot be compared. */
export function alignColumns(
  reference: ColumnProfile,
  current: ColumnProfile,
  { isNumeric = false }: AlignOptions = {},
): ColumnCells | undefined {
  const missing = { reference: missingRows(reference), current: missingRows(current) };
  const pair = isNumeric && reference.numeric !== undefined ? undefined : categoryPair(reference, current);
  if (pair !== undefined)
    return { kind: 'categorical', edges: [], ...alignKept(pair.reference, pair.current), missing };
  if (reference.numeric === undefined || current.numeric === undefined) return undefined;
  const own = ownCells(reference.numeric, reference.rows - missing.reference);
  const counted = current.counted?.length === own.counts.length ? current.counted : undefined;
  const now = counted ?? recount(ownCells(current.numeric, current.rows - missing.current), own.edges);
  return {
    kind: 'numeric',
    edges: own.edges,
    values: [],
    reference: own.counts,
    current: now,
    missing,
    kept: current.numeric.quantiles,
    isDiscrete: isDiscrete(reference.numeric),
    isByValue: isCountedByValue(reference, current),
  };
}

/**
 * If the reference keeps all of its values, every value has a cell. Otherwise only its frequent values have one,
 * because they are frequent not just by chance. If the frequent values have less than half of the rows, values share
 * cells by their hash.
 */
function alignKept(
  reference: CategoryProfile,
  current: CategoryProfile,
): Cells & { readonly values: readonly string[]; readonly isHashed?: boolean } {
  const cells = alignCategories(reference, current);
  if (reference.otherRows === 0) return cells;
  const { hashed } = reference;
  if (
    hashed !== undefined &&
    current.hashed?.length === hashed.length &&
    total(cells.reference) < 2 * reference.otherRows
  ) {
    const values = hashed.map((_, i) => `values that share hash ${i} of ${hashed.length}`);
    // The last cell is for other values, as in all category columns.
    return { values, isHashed: true, reference: [...hashed, 0], current: [...current.hashed, 0] };
  }
  const kept = cells.values.map((_, i) => i).filter((i) => (cells.reference[i] ?? 0) >= LEAST_KEPT_ROWS);
  const pick = (counts: readonly number[]): readonly number[] => {
    const rows = kept.map((i) => counts[i] ?? 0);
    return [...rows, total(counts) - total(rows)];
  };
  return {
    values: kept.map((i) => cells.values[i] ?? ''),
    reference: pick(cells.reference),
    current: pick(cells.current),
  };
}

/**
 * Cells for distances between shares. A number column has about 20 with equal rows of the reference, plus *under* and
 * *over* at the ends. Missing values are in the last cell.
 */
export function shareCells(cells: ColumnCells): Cells {
  const grouped = cells.kind === 'numeric' ? coarsen(cells) : cells;
  if (cells.missing.reference + cells.missing.current === 0) return dropEmpty(grouped);
  return dropEmpty({
    reference: [...grouped.reference, cells.missing.reference],
    current: [...grouped.current, cells.missing.current],
  });
}

/**
 * The same with *under* and *over* joined to their neighbours. They have no rows of the reference only because of how
 * the cells are made, and a divergence would overrate that. A discrete column keeps them: values there are really new.
 */
export function joinEnds(cells: ColumnCells): ColumnCells {
  const join = (counts: readonly number[]): readonly number[] => {
    const [under = 0, first = 0, ...rest] = counts;
    const over = rest.at(-1) ?? 0;
    const inner = [under + first, ...rest.slice(0, -1)];
    return [0, ...inner.slice(0, -1), (inner.at(-1) ?? 0) + over, 0];
  };
  return cells.reference.length < 3
    ? cells
    : { ...cells, reference: join(cells.reference), current: join(cells.current) };
}

/** Drops cells that are empty in both windows. */
function dropEmpty({ reference, current }: Cells): Cells {
  const kept = reference.map((count, i) => count + (current[i] ?? 0) > 0);
  return { reference: reference.filter((_, i) => kept[i]), current: current.filter((_, i) => kept[i]) };
}

/**
 * Joins neighbouring cells until each holds a twentieth of the reference. The first (*under*) and the last (*over*)
 * stay apart.
 */
export function coarsen(
  cells: Cells & { readonly edges: readonly number[] },
): Cells & { readonly edges: readonly number[] } {
  const enough = total(cells.reference) / SHARE_CELLS;
  const last = cells.reference.length - 1;
  const found = { edges: [] as number[], reference: [] as number[], current: [] as number[] };
  let [rows, now] = [0, 0];
  cells.reference.forEach((count, i) => {
    rows += count;
    now += cells.current[i] ?? 0;
    const isEnd = i === 0 || i >= last - 1;
    if (!isEnd && rows < enough * (1 - 1e-9)) return;
    found.reference.push(rows);
    found.current.push(now);
    if (i < last) found.edges.push(cells.edges[i] ?? 0);
    [rows, now] = [0, 0];
  });
  return found;
}
