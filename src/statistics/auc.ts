import { type Estimate, meanAndVariance, normalEstimate } from './estimate.js';

/** The area under a ROC curve, and what each row adds to it, in the order of the rows. */
interface AucParts {
  readonly auc: number;
  /** Of each row with label 1, the share of rows with label 0 that score lower; equal scores count half. */
  readonly positives: Float64Array;
  /** Of each row with label 0, the share of rows with label 1 that score lower. */
  readonly negatives: Float64Array;
}

/**
 * Area under the ROC curve of scores for labels of 0 and 1, with the structural components of DeLong, DeLong and
 * Clarke-Pearson (1988), found among the sorted scores (Sun and Xu 2014). `undefined` where a label is absent.
 */
export function aucParts(label: ArrayLike<number>, score: ArrayLike<number>): AucParts | undefined {
  const [above, below] = [scoresOf(1, label, score), scoresOf(0, label, score)];
  if (above.length === 0 || below.length === 0) return undefined;
  const positives = sharesBelow(above, below.toSorted());
  return { auc: meanAndVariance(positives).mean, positives, negatives: sharesBelow(below, above.toSorted()) };
}

/** The area with the standard error of DeLong et al.; `undefined` with fewer than two rows of either label. */
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

/** For each value the share of the sorted others that lie below it; equal ones count half. Fastest for sorted values. */
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
