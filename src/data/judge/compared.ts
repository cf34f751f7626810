import type { Quantiles } from '../../statistics/distribution.js';
import type { ColumnPast } from './past.js';
import type { Repair } from './repairs/repairs.js';
import { dimensionOf } from './repairs/unit-names.js';

/** A repaired column passes the drift test if what is left is within sampling, or within this share of the distance. */
const PASSING_RESIDUAL = 0.05;
/** Largest share of the distance that sampling may excuse. A repair of few rows that leaves more explains little. */
const MOST_SAMPLING = 0.3;
/** Largest share of the distance that earlier windows of this length may excuse. */
const MOST_USUAL = 0.3;
/** A whole factor up to this may be a pack size or a period: dozens, weeks, years. */
const LARGEST_PACK = 49;

/** A column's values in both windows, with what is needed to judge a repair of them. */
export interface Compared {
  readonly reference: Quantiles;
  readonly current: Quantiles;
  /** Number of rows behind these values. */
  readonly rows: { readonly reference: number; readonly current: number };
  readonly distance: number;
  /** Distance that two windows of these sizes exceed one time in a thousand when nothing has changed. */
  readonly sampling: number;
  /** Largest distance of an earlier window of this length. */
  readonly usual: number;
}

/** The largest residual with which the repaired column passes the drift test itself. */
export const passing = ({ distance, sampling, usual }: Compared): number =>
  Math.max(
    Math.min(sampling, MOST_SAMPLING * distance),
    Math.min(usual, MOST_USUAL * distance),
    PASSING_RESIDUAL * distance,
  );

/**
 * Whether the repair's factor may also be a number of equal parts: whole numbers that are all multiples of 12 may be dozens,
 * and prices that are all multiples of 12 may be billed by the year.
 */
export function isPack(repair: Repair, { before, now }: ColumnPast): boolean {
  // Rounded, because 1 / (1 / 49) is a little more than 49.
  const size = Number((1 / (repair.factor ?? 0)).toPrecision(9));
  return (
    Number.isInteger(size) &&
    size > 0 &&
    size <= LARGEST_PACK &&
    (before.type === 'integer' || repair.dimension === 'time') &&
    (repair.dimension === undefined || dimensionOf(now.name) !== repair.dimension)
  );
}

/** Whether the repair changes a unit of what the column measures, as far as its name says. */
export const isUnitOf = (repair: Repair, name: string): boolean =>
  repair.dimension !== undefined && repair.dimension === dimensionOf(name);
