import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import { quantileDistance } from '../../statistics/distribution.js';
import type { RowEvidence } from './row-evidence.js';

/** A column in the reference, in the judged window, and in earlier windows of the same length. */
export interface ColumnPast {
  readonly before: ColumnProfile;
  readonly now: ColumnProfile;
  /** Those that have a value of the column. */
  readonly past: readonly ColumnProfile[];
  /** Largest share of missing values in any earlier window, 0…1, including windows without any value. */
  readonly pastMissing?: number;
  /** Rows of both windows; absent in the first look, which reads profiles only. */
  readonly rows?: RowEvidence;
  /** Columns with a fault of their own. They cannot explain another column. */
  readonly suspects?: ReadonlySet<string>;
  /**
   * Whether earlier windows have not been read yet. A fault that they may explain is then still reported, so that they
   * are read.
   */
  readonly isFirstLook?: boolean;
}

/** Fewer earlier windows do not show what is usual. */
export const LEAST_PAST = 3;
/** Fewer rows are accidental, whatever the test says. */
export const LEAST_COUNT = 5;
/**
 * A whole-number column with at most this many values is a list of codes. A code that becomes frequent is a change in
 * the world.
 */
export const CODES = 20;
/** An earlier window in which one value had more than this share was nearly constant. */
const USUALLY_CONSTANT = 0.75;
/** A count is beyond chance if its probability is below one in a million, here as ln(1/p). */
const SURPRISE = Math.log(1e6);
/**
 * Times √(1/n + 1/m), this is the KS distance that two samples of n and m rows exceed one time in a thousand without
 * any change.
 */
const KS_LIMIT = 1.95;

/** The KS distance that two samples of n and m rows exceed one time in a thousand without any change (Smirnov 1948). */
export const ksLimit = (n: number, m: number): number => KS_LIMIT * Math.sqrt(1 / Math.max(1, n) + 1 / Math.max(1, m));

/** Rows with a finite value of the column. */
export const presentRows = (column: ColumnProfile): number => column.rows - column.missing - column.notFinite;

/** Share of the rows without a finite value of the column, 0…1; 0 for no rows. */
export const missingShare = (column: ColumnProfile): number =>
  column.rows === 0 ? 0 : (column.missing + column.notFinite) / column.rows;

/** Whether the column has values and all of them are the same. */
export const isConstant = (column: ColumnProfile): boolean => presentRows(column) > 0 && column.distinct === 1;

/** The column in the earlier windows that have a value of it. */
export const pastOf = (history: readonly TableProfile[], name: string): readonly ColumnProfile[] =>
  history.flatMap((table) => table.columns.filter((column) => column.name === name && presentRows(column) > 0));

/** Share of the present values that equal this one, 0…1. Exact for zero, by kept ranks for other values. */
export function shareAt(column: ColumnProfile, value: number): number {
  const { numeric } = column;
  if (numeric === undefined) return 0;
  if (value === 0) return numeric.zeros / Math.max(1, presentRows(column));
  return numeric.quantiles.filter((one) => one === value).length / Math.max(1, numeric.quantiles.length);
}

/** The most frequent value among the kept ranks. */
export function commonest(quantiles: readonly number[]): number {
  let best = { value: 0, count: 0 };
  let count = 0;
  quantiles.forEach((value, i) => {
    count = value === quantiles[i - 1] ? count + 1 : 1;
    if (count > best.count) best = { value, count };
  });
  return best.value;
}

/**
 * Whether `count` of `rows` is beyond chance if the usual share is `expected`: Chernoff's bound of the binomial tail is
 * below one in a million. One 0 among five rows is chance; 22 of 22 are not.
 */
export function isSurprising(count: number, rows: number, expected: number): boolean {
  const [share, usual] = [count / Math.max(1, rows), Math.min(1 - 1e-9, Math.max(1e-9, expected))];
  if (share <= usual) return false;
  const rest = share >= 1 ? 0 : (1 - share) * Math.log((1 - share) / (1 - usual));
  return rows * (share * Math.log(share / usual) + rest) > SURPRISE;
}

/**
 * Share of a value that `count` of the reference's `rows` had, never 0: a value that the reference lacks may still be
 * possible.
 */
export const usualShare = (count: number, rows: number): number => (count + 1) / (rows + 2);

/** Largest distance of an earlier window of this length from the reference: the effect of seasons. */
export function pastDistance({ before, past }: ColumnPast): number {
  const { numeric } = before;
  if (numeric === undefined || past.length < LEAST_PAST) return 0;
  return past.reduce(
    (most, one) =>
      one.numeric === undefined ? most : Math.max(most, quantileDistance(numeric.quantiles, one.numeric.quantiles)),
    0,
  );
}

/** Share of the most frequent value, 0…1. */
function topShare(column: ColumnProfile): number {
  const { numeric, categories } = column;
  if (numeric !== undefined) return shareAt(column, commonest(numeric.quantiles));
  return (categories?.top[0]?.count ?? 0) / Math.max(1, presentRows(column));
}

/** Largest share of a most frequent value in any earlier window, or in the reference without earlier windows. */
export const usualTop = ({ before, past }: ColumnPast): number =>
  past.length < LEAST_PAST ? topShare(before) : Math.max(...past.map(topShare));

/** Smallest and largest value in the reference and in all earlier windows. */
export function seenRange({ before, past }: ColumnPast): { readonly min: number; readonly max: number } {
  const numbers = [before, ...past].flatMap((one) => (one.numeric === undefined ? [] : [one.numeric]));
  return { min: Math.min(...numbers.map((one) => one.min)), max: Math.max(...numbers.map((one) => one.max)) };
}

/**
 * Whether windows usually have one value of the column, such as a month or a season. The next window may have another
 * one.
 */
export const isFrozen = (column: ColumnPast): boolean =>
  isConstant(column.before) || usualTop(column) > USUALLY_CONSTANT;
