import type { ColumnProfile } from '../../../domain/data/profile.js';
import type { Quantiles } from '../../../statistics/distribution.js';
import { type ColumnPast, isSurprising, presentRows, seenRange, usualShare } from '../past.js';
import { gridStep, isOnGrid } from './decimal-grid.js';

/** A column with at most this many different values has no others, … */
const KNOWN_VALUES = 600;
/** … if each occurred this many times on average. Otherwise the next window will have new values, too. */
const TIMES = 5;
/** If the column has more than this share of all values of its grid, membership shows nothing. */
const DENSE = 0.5;

/** Values that the column never had: outside its range, off its grid, or none of its few values. */
export interface Strangers {
  readonly is: (value: number) => boolean;
  /** The column's values in the reference, in order. */
  readonly reference: Quantiles;
  /** The strangers in order. */
  readonly values: Quantiles;
  /** Share of the current values, 0…1, and the number of rows that it stands for. */
  readonly share: number;
  readonly rows: number;
  /** The column's own values, if they are few among all that its grid could have. */
  readonly known?: ReadonlySet<number>;
  readonly min: number;
  readonly max: number;
}

/** Rounds to nine digits, so that a value that was multiplied and divided again is the same. */
export const rounded = (value: number): number => Number(value.toPrecision(9));

/**
 * The strangers in a number column. `undefined` if chance explains as many. Where the column has many rare values,
 * others may be new by chance: then only those outside its range or off its grid, as always with `isByPlace`.
 */
export function findStrangers(column: ColumnPast, { isByPlace = false } = {}): Strangers | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined || before.distinct <= 2) return undefined;
  const all = [before, ...past].flatMap((one) => one.numeric?.quantiles ?? []);
  const { min, max } = seenRange(column);
  const step = gridStep(all);
  const known = isByPlace ? undefined : knownValues(column, all, step);
  const isOutside = (value: number): boolean => rounded(value) < rounded(min) || rounded(value) > rounded(max);
  const isOffGrid = (value: number): boolean => step !== undefined && !isOnGrid(value, step);
  const is = (value: number): boolean =>
    isOutside(value) || isOffGrid(value) || (known !== undefined && !known.has(rounded(value)));
  const values = now.numeric.quantiles.filter(is);
  const share = values.length / Math.max(1, now.numeric.quantiles.length);
  const rows = Math.round(share * presentRows(now));
  const expected =
    known === undefined ? usualShare(0, presentRows(before)) : unseenShare(before, before.numeric.quantiles);
  if (isSurprising(rows, presentRows(now), expected))
    return { is, reference: before.numeric.quantiles, values, share, rows, known, min, max };
  const placed = known === undefined ? undefined : findStrangers(column, { isByPlace: true });
  return placed === undefined ? undefined : { ...placed, known };
}

/**
 * Share of rows to expect with a value that is not among the kept ranks although the column has it: that of the ranks
 * whose value no other rank has (Good 1953). None if the ranks have all values of a longer column.
 */
function unseenShare(before: ColumnProfile, kept: Quantiles): number {
  const rows = presentRows(before);
  const isCounted = kept.length < rows && before.isDistinctEstimate !== true;
  if (isCounted && new Set(kept).size === before.distinct) return usualShare(0, rows);
  const single = kept.filter((value, i) => value !== kept[i - 1] && value !== kept[i + 1]).length;
  return usualShare(single, kept.length);
}

function knownValues(
  { before }: ColumnPast,
  all: readonly number[],
  step: number | undefined,
): ReadonlySet<number> | undefined {
  if (before.distinct > KNOWN_VALUES || before.distinct * TIMES > presentRows(before)) return undefined;
  const known = new Set(all.map(rounded));
  const places = step === undefined ? Number.POSITIVE_INFINITY : (Math.max(...all) - Math.min(...all)) / step + 1;
  return known.size <= DENSE * places ? known : undefined;
}
