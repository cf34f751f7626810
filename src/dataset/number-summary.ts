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
 * The summary with the first `rows` of these values, in which NaN stands for a missing one and +infinity also for NaN. Sums
 * are those of pieces, put together by Chan, Golub and LeVeque's update (1979): no digit is lost to a large mean.
 */
export function withValues(before: NumberSummary, values: Float64Array, rows: number): NumberSummary {
  let { missing, above, below, zeros, negatives, min, max } = before;
  let n = 0;
  let sum = 0;
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
    if (value <= 0) {
      if (value === 0) zeros++;
      else negatives++;
    }
    if (value < SUMMABLE && value > -SUMMABLE) {
      sum += value;
      n++;
    }
  }
  const counts = { missing, above, below, zeros, negatives, min, max };
  if (n === 0) return { ...before, ...counts };
  const center = sum / n;
  const delta = center - before.mean;
  const summed = before.summed + n;
  return {
    ...counts,
    summed,
    mean: before.mean + (delta * n) / summed,
    squares: before.squares + squaresAround(values, rows, center) + delta * delta * ((before.summed * n) / summed),
  };
}

function squaresAround(values: Float64Array, rows: number, center: number): number {
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? 0;
    if (value < SUMMABLE && value > -SUMMABLE) squares += (value - center) * (value - center);
  }
  return squares;
}
