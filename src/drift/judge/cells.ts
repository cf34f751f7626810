import type { CategoryProfile, ColumnProfile, NumericProfile } from '../../domain/data/profile.js';
import {
  alignCategories,
  type Cells,
  ownCells,
  type Quantiles,
  recount,
  total,
} from '../../statistics/distribution.js';

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
  /** Missing and not finite rows. */
  readonly missing: { readonly reference: number; readonly current: number };
}

/** Cells for distances that compare shares: a row falls into one of about so many. */
const SHARE_CELLS = 20;
/** Where not all values are kept, those with fewer rows in the reference share the last cell. */
const LEAST_KEPT_ROWS = 30;

export const missingRows = (column: ColumnProfile): number => column.missing + column.notFinite;

/** Most kept values are repeated, so a kept value is one that many rows have. */
export const isDiscrete = ({ quantiles }: NumericProfile): boolean => 2 * new Set(quantiles).size <= quantiles.length;

/** The same cells for both; `undefined` when the types cannot be compared. */
export function alignColumns(reference: ColumnProfile, current: ColumnProfile): ColumnCells | undefined {
  const missing = { reference: missingRows(reference), current: missingRows(current) };
  if (reference.numeric !== undefined && current.numeric !== undefined) {
    const own = ownCells(reference.numeric, reference.rows - missing.reference);
    const counted = current.counted?.length === own.counts.length ? current.counted : undefined;
    const now = counted ?? recount(ownCells(current.numeric, current.rows - missing.current), own.edges);
    const shape = {
      ends: [current.numeric.min, current.numeric.max] as const,
      isDiscrete: isDiscrete(reference.numeric),
    };
    return { kind: 'numeric', edges: own.edges, values: [], reference: own.counts, current: now, missing, ...shape };
  }
  if (reference.categories === undefined || current.categories === undefined) return undefined;
  const cells = alignKept(reference.categories, current.categories);
  return { kind: 'categorical', edges: [], ...cells, missing };
}

/**
 * Where the reference keeps all its values every value has a cell; else only its frequent ones, which chance did not
 * choose; and where those are less than half of the rows, values share cells by their hash.
 */
function alignKept(
  reference: CategoryProfile,
  current: CategoryProfile,
): Cells & { readonly values: readonly string[] } {
  const cells = alignCategories(reference, current);
  if (reference.otherRows === 0) return cells;
  const { hashed } = reference;
  if (
    hashed !== undefined &&
    current.hashed?.length === hashed.length &&
    total(cells.reference) < 2 * reference.otherRows
  ) {
    const values = hashed.map((_, i) => `values of hash ${i}`);
    // a last cell for what has none, as elsewhere
    return { values, reference: [...hashed, 0], current: [...current.hashed, 0] };
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

/** Cells for distances between shares: number columns in about 20 of equal reference rows between under and over; missing last. */
export function shareCells(cells: ColumnCells): Cells {
  const grouped = cells.kind === 'numeric' ? coarsen(cells) : cells;
  if (cells.missing.reference + cells.missing.current === 0) return dropEmpty(grouped);
  return dropEmpty({
    reference: [...grouped.reference, cells.missing.reference],
    current: [...grouped.current, cells.missing.current],
  });
}

/**
 * Under and over joined to their neighbours. That the reference has no rows there is no chance but how its cells were
 * made, and a divergence takes an empty cell for very telling. Values of a discrete column that it lacks are news.
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

/** A cell that neither window has rows in says nothing. */
function dropEmpty({ reference, current }: Cells): Cells {
  const kept = reference.map((count, i) => count + (current[i] ?? 0) > 0);
  return { reference: reference.filter((_, i) => kept[i]), current: current.filter((_, i) => kept[i]) };
}

/** Neighbouring cells joined until each holds a twentieth of the reference; the first (under) and last (over) stay apart. */
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
