import type { CategoryProfile, ColumnProfile, NumericProfile, TableProfile } from '../../domain/data/profile.js';

const KEPT_RANKS = 64;
const KEPT_VALUES = 50;
const DIGITS = 6;

/**
 * A profile of about one kilobyte per column, without cells: 65 quantiles of numbers, the 50 most frequent values of
 * others.
 */
export const compactProfile = (profile: TableProfile): TableProfile => ({
  format: profile.format,
  rows: profile.rows,
  time: profile.time,
  columns: profile.columns.flatMap(compactColumn),
});

function compactColumn(column: ColumnProfile): readonly ColumnProfile[] {
  const { name, type, sqlType, rows, missing, notFinite, distinct, isDistinctEstimate, numeric, categories } = column;
  if (numeric === undefined && categories === undefined) return [];
  return [
    {
      ...{ name, type, sqlType, rows, missing, notFinite, distinct, isDistinctEstimate },
      numeric: numeric === undefined ? undefined : compactNumbers(numeric),
      categories: categories === undefined ? undefined : compactValues(categories),
    },
  ];
}

function compactNumbers({ quantiles, min, max, mean, sd, zeros, negatives }: NumericProfile): NumericProfile {
  const steps = Math.min(KEPT_RANKS, quantiles.length - 1);
  const kept = Array.from(
    { length: steps + 1 },
    (_, i) => quantiles[Math.round((i * (quantiles.length - 1)) / Math.max(1, steps))] ?? 0,
  );
  return { min, max, mean, sd, zeros, negatives, quantiles: kept.map((value) => Number(value.toPrecision(DIGITS))) };
}

function compactValues({ top, otherRows, singletons }: CategoryProfile): CategoryProfile {
  const rest = top.slice(KEPT_VALUES).reduce((sum, one) => sum + one.count, 0);
  return { top: top.slice(0, KEPT_VALUES), otherRows: otherRows + rest, singletons };
}
