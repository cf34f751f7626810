import type { CategoryProfile, ColumnProfile } from '../../../domain/data/profile.js';
import { ownCells } from '../../../statistics/distribution.js';

/** A number column with this many values says yes or no, however it is written: 0 and 1, 1 and 2, −1 and 1. */
const TWO = 2;
/** A number column with at most this many different values, all of them kept, can be counted by value. */
const FEW = 20;

interface ValueCount {
  readonly value: number;
  readonly count: number;
}

/**
 * The values of a number column as categories, counted as `yes` and `no` would be. `undefined` if it has more than
 * `most` values, or if a value may not have been kept. `reference`: the column in whose cells this one was counted.
 */
function numbersAsCategories(column: ColumnProfile, most: number, reference?: ColumnProfile) {
  const { numeric, rows, missing, notFinite, distinct } = column;
  if (numeric === undefined || notFinite > 0) return undefined;
  const { edges, counts } = ownCells(numeric, rows - missing);
  const kept = edges.slice(1).map((value, i) => ({ value, count: counts[i + 1] ?? 0 }));
  if (kept.length > most || distinct > kept.length) return undefined;
  const top = (reference === undefined ? kept : recounted(kept, column, reference))
    .filter((one) => one.count > 0)
    .map(({ value, count }) => ({ value: String(value), count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { top, otherRows: 0, singletons: top.filter((one) => one.count === 1).length };
}

/**
 * With the exact counts of the reference's cells, where they were taken: the kept ranks of a long window are about a thousand, and
 * would make one row in two thousand two. Values that share a cell share its rows as the ranks say.
 */
function recounted(
  kept: readonly ValueCount[],
  { counted }: ColumnProfile,
  reference: ColumnProfile,
): readonly ValueCount[] {
  if (counted === undefined || reference.numeric === undefined) return kept;
  const { edges, counts } = ownCells(reference.numeric, reference.rows - reference.missing);
  if (counted.length !== counts.length) return kept;
  const cellOf = (value: number): number => {
    const cell = edges.findIndex((edge) => edge >= value);
    return cell === -1 ? edges.length : cell;
  };
  return counted.flatMap((rows, cell) => {
    const here = kept.filter(({ value }) => cellOf(value) === cell);
    const sum = here.reduce((all, { count }) => all + count, 0);
    const edge = edges[cell];
    if (sum === 0) return edge === undefined ? [] : [{ value: edge, count: rows }];
    return here.map(({ value, count }) => ({ value, count: (count / sum) * rows }));
  });
}

interface CategoryPair {
  readonly reference: CategoryProfile;
  readonly current: CategoryProfile;
}

/**
 * Both windows of a column as categories: text, booleans, and number columns of two values. `undefined` for other
 * columns.
 */
export function categoryPair(reference: ColumnProfile, current: ColumnProfile): CategoryPair | undefined {
  if (reference.categories !== undefined && current.categories !== undefined)
    return { reference: reference.categories, current: current.categories };
  const before = numbersAsCategories(reference, TWO);
  const now = before === undefined ? undefined : numbersAsCategories(current, FEW, reference);
  return before === undefined || now === undefined ? undefined : { reference: before, current: now };
}

/**
 * Whether each of the reference's cells is one value in both windows. That is so for a number column of few values, if
 * no current value lies between them.
 */
export function isCountedByValue(reference: ColumnProfile, current: ColumnProfile): boolean {
  const [before, now] = [numbersAsCategories(reference, FEW), numbersAsCategories(current, 2 * FEW)];
  if (before === undefined || now === undefined || reference.numeric === undefined) return false;
  const known = new Set(before.top.map((one) => one.value));
  const { min, max } = reference.numeric;
  return now.top.every(({ value }) => known.has(value) || Number(value) < min || Number(value) > max);
}
