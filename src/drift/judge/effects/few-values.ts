import type { CategoryProfile, ColumnProfile } from '../../../domain/data/profile.js';
import { ownCells } from '../../../statistics/distribution.js';

/** A number column with this many values says yes or no, however it is written: 0 and 1, 1 and 2, −1 and 1. */
const TWO = 2;
/** A number column with at most this many different values, all of them kept, can be counted by value. */
const FEW = 20;

/**
 * The values of a number column as categories, counted as `yes` and `no` would be. `undefined` if it has more than
 * `most` values, or if a value may not have been kept.
 */
function numbersAsCategories({ numeric, rows, missing, notFinite, distinct }: ColumnProfile, most: number) {
  if (numeric === undefined || notFinite > 0) return undefined;
  const { edges, counts } = ownCells(numeric, rows - missing - notFinite);
  const values = edges.slice(1).map((edge, i) => ({ value: String(edge), count: counts[i + 1] ?? 0 }));
  if (values.length > most || distinct > values.length) return undefined;
  const top = values.filter((one) => one.count > 0).sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { top, otherRows: 0, singletons: top.filter((one) => one.count === 1).length };
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
  const now = before === undefined ? undefined : numbersAsCategories(current, FEW);
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
