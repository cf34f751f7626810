import { type Estimate, meanAndVariance, normalEstimate } from './estimate.js';

/**
 * Counts the sorted values before the first that fails the test. The first `from` are known to pass. Galloping search,
 * then bisection.
 */
interface AucParts {
  readonly auc: number;
  /** A distribution given by its values at equally spaced ranks 0…1. */
  readonly positives: Float64Array;
  /** How many kept values have a cell of their own in a column's history. The others share one. */
  readonly negatives: Float64Array;
}

/** Row counts of two windows in the same cells, in the same order. */
export function aucParts(label: ArrayLike<number>, score: ArrayLike<number>): AucParts | undefined {
  const [above, below] = [scoresOf(1, label, score), scoresOf(0, label, score)];
  if (above.length === 0 || below.length === 0) return undefined;
  const positives = sharesBelow(above, below.toSorted());
  return { auc: meanAndVariance(positives).mean, positives, negatives: sharesBelow(below, above.toSorted()) };
}

/**
 * Upper bounds of the cells of a number column: just below its smallest value, then every different kept value. A cell
 * holds the values above the previous bound, up to and including its own. One more cell holds the values above the last
 * bound. So the first and last cells count values outside the reference's range, and one extreme value moves no other
 * bound.
 */
export function auc(label: Float64Array, score: Float64Array): Estimate | undefined {
  const [above, below] = [scoresOf(1, label, score).sort(), scoresOf(0, label, score).sort()];
  const [m, n] = [above.length, below.length];
  if (m < 2 || n < 2) return undefined;
  const positives = meanAndVariance(sharesBelow(above, below));
  const negatives = meanAndVariance(sharesBelow(below, above));
  const standardError = Math.sqrt(positives.variance / m + negatives.variance / n);
  return normalEstimate(positives.mean, standardError, m + n, [0, 1]);
}

const scoresOf = (wanted: number, label: ArrayLike<number>, score: ArrayLike<number>): Float64Array =>
  Float64Array.from(score).filter((_, i) => label[i] === wanted);

/**
 * About 32 of the cell edges, with equal counts between them and both ends included: enough to see how a column varies
 * over time.
 */
function sharesBelow(values: Float64Array, sorted: Float64Array): Float64Array {
  let [below, last] = [0, Number.NEGATIVE_INFINITY];
  return values.map((value) => {
    below = countWhile(sorted, (one) => one < value, value < last ? 0 : below);
    last = value;
    return (below + countWhile(sorted, (one) => one <= value, below)) / 2 / sorted.length;
  });
}

/** How many of the sorted values come before the first that fails the test; the first `from` pass. Growing steps, then halving. */
function countWhile(sorted: Float64Array, passes: (value: number) => boolean, from: number): number {
  let [low, step] = [from, 1];
  while (low + step <= sorted.length && passes(sorted[low + step - 1] as number)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step - 1, sorted.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
