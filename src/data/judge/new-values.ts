import type { CategoryProfile } from '../../domain/data/profile.js';
import { type ColumnPast, isSurprising, presentRows } from './past.js';

/** New values in fewer rows are accidental. */
const LEAST_NEW_ROWS = 5;
const LEAST_NEW_SHARE = 0.005;

export type Counted = CategoryProfile['top'][number];

/** Values of a category column that the reference does not have, in more rows than chance explains. */
export interface NewValues {
  /** Most frequent first. */
  readonly values: readonly Counted[];
  readonly rows: number;
  /** Share of the present values, 0…1. */
  readonly share: number;
  readonly before: CategoryProfile;
  readonly now: CategoryProfile;
}

/** `undefined` if there is no new value, or no more than the reference's rare values predict (Good 1953, Turing). */
export function findNewValues({ before, now }: ColumnPast): NewValues | undefined {
  const [reference, current] = [before.categories, now.categories];
  if (reference === undefined || current === undefined) return undefined;
  const names = new Set(reference.top.map((one) => one.value));
  const values = current.top.filter((one) => !names.has(one.value));
  const rows = values.reduce((sum, one) => sum + one.count, 0);
  const share = rows / Math.max(1, presentRows(now));
  const expected = (reference.singletons + reference.otherRows + 1) / (presentRows(before) + 2);
  if (rows < LEAST_NEW_ROWS || share < LEAST_NEW_SHARE) return undefined;
  if (!isSurprising(rows, presentRows(now), expected)) return undefined;
  return { values, rows, share, before: reference, now: current };
}

/** Total variation between two lists of counts in the same order, 0…1. */
export function listDistance(a: readonly number[], b: readonly number[]): number {
  const [n, m] = [a, b].map((list) =>
    Math.max(
      1,
      list.reduce((sum, one) => sum + one, 0),
    ),
  );
  const longest = Math.max(a.length, b.length);
  return (
    Array.from({ length: longest }, (_, i) => Math.abs((a[i] ?? 0) / (n ?? 1) - (b[i] ?? 0) / (m ?? 1))).reduce(
      (sum, one) => sum + one,
      0,
    ) / 2
  );
}

/** Largest total variation to expect between two samples with the same shares: about three times its mean. */
export const listLimit = (cells: number, rows: number): number =>
  Math.max(0.03, 1.2 * Math.sqrt(cells / Math.max(1, rows)));
