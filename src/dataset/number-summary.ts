import { type CellLookup, countInCell } from './cell-lookup.js';

/** Larger values would overflow sums and squares. */
const SUMMABLE = 1e150;

/** What one pass over a number column knows of it. */
export interface NumberSummary {
  readonly missing: number;
  /** NaN and +infinity, and −infinity. */
  readonly above: number;
  readonly below: number;
  readonly zeros: number;
  readonly negatives: number;
  /** Of the finite values: infinite, the wrong way round, where there is none. */
  readonly min: number;
  readonly max: number;
  /** Of the values whose squares can be summed: how many, their mean, and their squared distances from it. */
  readonly summed: number;
  readonly mean: number;
  readonly squares: number;
}

export const NOTHING: NumberSummary = {
  missing: 0,
  above: 0,
  below: 0,
  zeros: 0,
  negatives: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  summed: 0,
  mean: 0,
  squares: 0,
};

/**
 * The summary with the first `rows` of these values, in which NaN stands for a missing one and +infinity also for NaN; the
 * finite ones are counted in the cells, too: one loop, since reading them is what costs. Sums are those of pieces around a
 * value near their mean, put together by Chan, Golub and LeVeque's update (1979): no digit is lost to a large mean.
 */
export function withValues(
  before: NumberSummary,
  values: Float64Array,
  { rows, cells }: { readonly rows: number; readonly cells: CellLookup },
): NumberSummary {
  let { missing, above, below, zeros, negatives, min, max } = before;
  const center = before.summed > 0 ? before.mean : firstSummable(values, rows);
  let n = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? 0;
    if (value - value !== 0) {
      if (value > 0) above++;
      else if (value < 0) below++;
      else missing++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === 0) zeros++;
    // no branch: where half of the values are negative, half of its predictions would be wrong
    negatives += Number(value < 0);
    if (value < SUMMABLE && value > -SUMMABLE) {
      const off = value - center;
      sum += off;
      squares += off * off;
      n++;
    }
    countInCell(cells, value);
  }
  const counts = { missing, above, below, zeros, negatives, min, max };
  if (n === 0) return { ...before, ...counts };
  const mean = center + sum / n;
  const delta = mean - before.mean;
  const summed = before.summed + n;
  const own = Math.max(0, squares - (sum * sum) / n);
  return {
    ...counts,
    summed,
    mean: before.mean + (delta * n) / summed,
    squares: before.squares + own + delta * delta * ((before.summed * n) / summed),
  };
}

function firstSummable(values: Float64Array, rows: number): number {
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? 0;
    if (value < SUMMABLE && value > -SUMMABLE) return value;
  }
  return 0;
}
