import type { ColumnProfile } from '../../domain/data/profile.js';
import { cellEdges, countInCells } from '../../statistics/distribution.js';

const QUANTILE_STEPS = 1000;
/** A column with at most this many different values is one of classes, each with a share of its own. */
export const MOST_CLASSES = 20;

/** The profile of finite numbers in memory, equal to that of a scan: as classes if asked, otherwise as numbers. */
export function profileOfValues(name: string, values: Float64Array, isClasses: boolean): ColumnProfile {
  const base = { name, rows: values.length, missing: 0, notFinite: 0 };
  if (isClasses) {
    const counts = new Map<string, number>();
    for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    const top = [...counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    const singletons = top.filter((one) => one.count === 1).length;
    return {
      ...{ ...base, type: 'text', sqlType: 'VARCHAR', distinct: top.length },
      categories: { top, otherRows: 0, singletons },
    };
  }
  const sorted = values.toSorted();
  const steps = Math.min(QUANTILE_STEPS, sorted.length - 1);
  const quantiles = Array.from(
    { length: steps + 1 },
    (_, k) => sorted[Math.round((k * (sorted.length - 1)) / Math.max(1, steps))] ?? 0,
  );
  const mean = sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length);
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, sorted.length);
  const counts = countInCells(cellEdges(quantiles), sorted);
  const [min, max] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  return {
    ...{ ...base, type: 'number', sqlType: 'DOUBLE', distinct: new Set(sorted).size },
    numeric: {
      ...{ min, max, mean, sd: Math.sqrt(variance), quantiles, counts },
      zeros: sorted.filter((value) => value === 0).length,
      negatives: sorted.filter((value) => value < 0).length,
    },
  };
}
