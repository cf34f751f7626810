import type { Quantiles } from '../../statistics/distribution.js';
import type { ColumnPast } from './past.js';
import type { Repair } from './repairs/repairs.js';
import { dimensionOf } from './repairs/unit-names.js';

/** A repaired column passes the drift test within sampling, or within this share of the distance. */
const PASSING_RESIDUAL = 0.05;
/** Of the distance, what sampling may excuse: a repair of few rows that leaves more explains little. */
const MOST_SAMPLING = 0.3;
/** Of the distance, what earlier windows of this length may excuse. */
const MOST_USUAL = 0.3;
/** A whole factor up to this is also a pack size: dozens, weeks. */
const LARGEST_PACK = 49;

/** A column's values in both windows with what is needed to judge a repair of them. */
export interface Compared {
  readonly reference: Quantiles;
  readonly current: Quantiles;
  /** Rows that these values stand for. */
  readonly rows: { readonly reference: number; readonly current: number };
  readonly distance: number;
  /** Distance of two windows of these sizes when nothing has changed, one time in a thousand. */
  readonly sampling: number;
  /** Distance of earlier windows of this length. */
  readonly usual: number;
}

/** The residual at which the repaired column passes the drift test itself. */
export const passing = ({ distance, sampling, usual }: Compared): number =>
  Math.max(
    Math.min(sampling, MOST_SAMPLING * distance),
    Math.min(usual, MOST_USUAL * distance),
    PASSING_RESIDUAL * distance,
  );

/** Whole numbers that are all multiples of 12 are also dozens: people buy and sell in packs. */
export const isPack = (repair: Repair, { before, now }: ColumnPast): boolean =>
  repair.factor !== undefined &&
  repair.factor > 0 &&
  Number.isInteger(Number((1 / repair.factor).toPrecision(9))) &&
  1 / repair.factor <= LARGEST_PACK &&
  before.type === 'integer' &&
  (repair.dimension === undefined || dimensionOf(now.name) !== repair.dimension);
