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

/** Both windows of a column in the same cells, ready to be compared. */
export interface ColumnCells extends Cells {
  readonly kind: 'numeric' | 'categorical';
  /** Upper bounds of all cells but the last; of a number column. */
  readonly edges: readonly number[];
  /** The value of each cell but the last; of a category column. */
  readonly values: readonly string[];
  /** Kept values of both, where both are profiles. */
  readonly quantiles?: { readonly reference: Quantiles; readonly current: Quantiles };
  /** A number column of few values: each has a cell of its own. */
  readonly isDiscrete?: boolean;
  /** A number column whose cells between *under* and *over* are one value each, in both windows. */
  readonly isByValue?: boolean;
  /** The cells of a category column hold values by their hash, not one value each. */
  readonly isHashed?: boolean;
  /** Missing and not finite rows. */
  readonly missing: { readonly reference: number; readonly current: number };
}

/** Cells for distances that compare shares: a row falls into one of about so many. */
const SHARE_CELLS = 20;
/** Where the reference does not keep all its values, those with fewer rows share the last cell. */
const LEAST_KEPT_ROWS = 30;

export const missingRows = (column: ColumnProfile): number => column.missing + column.notFinite;

/** Most kept values are repeated: the column has few values, and a kept value is one that many rows have. */
export const isDiscrete = ({ quantiles }: NumericProfile): boolean => 2 * new Set(quantiles).size <= quantiles.length;

export interface AlignOptions {
  /** A number column of two values stays one of numbers. */
  readonly isNumeric?: boolean;
}

/** Both windows counted in the same cells; `undefined` when their types cannot be compared. */
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
    isDiscrete: isDiscrete(reference.numeric),
    isByValue: isCountedByValue(reference, current),
  };
}

/**
 * Every value has a cell where the reference keeps all its values. Else only its frequent values have one: chance did not
 * choose those. Where the frequent ones are less than half of the rows, values share cells by their hash.
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
    // the last cell is for other values, as elsewhere
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
 * Cells for distances between shares. A number column has about 20 with equal rows of the reference, and *under* and *over*
 * at the ends. Missing values are the last cell.
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
 * The same with *under* and *over* joined to their neighbours. The reference has no rows there because of how its cells
 * were made, and a divergence would give that much weight. A discrete column keeps them: a value it lacks is new.
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

/** Drops cells in which neither window has rows. */
function dropEmpty({ reference, current }: Cells): Cells {
  const kept = reference.map((count, i) => count + (current[i] ?? 0) > 0);
  return { reference: reference.filter((_, i) => kept[i]), current: current.filter((_, i) => kept[i]) };
}

/** Joins neighbouring cells until each holds a twentieth of the reference. The first (*under*) and last (*over*) stay apart. */
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
