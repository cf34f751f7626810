import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import { alignCategories, quantileDistance, totalVariation } from '../../statistics/distribution.js';
import { missingRows } from './cells.js';
import { comparableColumns } from './judge-table.js';
import { tvdMoments } from './laws/tvd-law.js';

/** Mean square of a KS distance times nm/(n + m) when nothing has changed: π²/12, Kolmogorov's law. */
const NOISE = Math.PI ** 2 / 12;

const presentRows = (column: ColumnProfile): number => column.rows - missingRows(column);

/**
 * Distance between two profiles of a column, 0…1, independent of their cells: KS of kept quantiles, total variation of
 * kept values. `undefined` for types that cannot be compared, or if a side is empty.
 */
function profileDistance(one: ColumnProfile, other: ColumnProfile): number | undefined {
  if (presentRows(one) === 0 || presentRows(other) === 0) return undefined;
  if (one.numeric !== undefined && other.numeric !== undefined)
    return quantileDistance(one.numeric.quantiles, other.numeric.quantiles);
  if (one.categories === undefined || other.categories === undefined) return undefined;
  return totalVariation(alignCategories(one.categories, other.categories));
}

/** The same without the part that sampling adds, subtracted in squares. */
export function cleanDistance(one: ColumnProfile, other: ColumnProfile): number {
  const distance = profileDistance(one, other) ?? 0;
  return Math.sqrt(Math.max(0, distance ** 2 - noise(one, other)));
}

function noise(one: ColumnProfile, other: ColumnProfile): number {
  if (one.categories !== undefined && other.categories !== undefined) {
    const { mean, sd } = tvdMoments(alignCategories(one.categories, other.categories));
    return mean ** 2 + sd ** 2;
  }
  return NOISE * (1 / Math.max(1, presentRows(one)) + 1 / Math.max(1, presentRows(other)));
}

/** Mean distance over the columns of both tables. A column that only one table has counts with the largest distance. */
export function tableDistance(one: TableProfile, other: TableProfile, ignore: readonly string[]): number | undefined {
  const pairs = comparableColumns(one, other, ignore);
  if (pairs.length === 0) return undefined;
  const sum = pairs.reduce((all, pair) => all + (profileDistance(pair.reference, pair.current) ?? 1), 0);
  return sum / pairs.length;
}
