import { type Estimate, meanAndVariance, normalEstimate } from './estimate.js';

/** The area under a ROC curve, and each row's contribution, in the order of the rows. */
interface AucParts {
  readonly auc: number;
  /** For each row with label 1: the share of rows with label 0 that score lower. Equal scores count half. */
  readonly positives: Float64Array;
  /** For each row with label 0: the share of rows with label 1 that score lower. Equal scores count half. */
  readonly negatives: Float64Array;
}

/**
 * Area under the ROC curve for labels 0 and 1, with the structural components of DeLong, DeLong and Clarke-Pearson
 * (1988), computed on sorted scores (Sun and Xu 2014). `undefined` if a label does not occur.
 */
export function aucParts(label: ArrayLike<number>, score: ArrayLike<number>): AucParts | undefined {
  const [above, below] = [scoresOf(1, label, score), scoresOf(0, label, score)];
  if (above.length === 0 || below.length === 0) return undefined;
  const positives = sharesBelow(above, below.toSorted());
  return { auc: meanAndVariance(positives).mean, positives, negatives: sharesBelow(below, above.toSorted()) };
}

/**
 * The area under the ROC curve with the standard error of DeLong et al. `undefined` with fewer than two rows of either
 * label.
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
 * For each value, the share of the sorted others that lie below it. Equal ones count half. Fastest if the values are
 * sorted too.
 */
function sharesBelow(values: Float64Array, sorted: Float64Array): Float64Array {
  let [below, last] = [0, Number.NEGATIVE_INFINITY];
  return values.map((value) => {
    below = countWhile(sorted, (one) => one < value, value < last ? 0 : below);
    last = value;
    return (below + countWhile(sorted, (one) => one <= value, below)) / 2 / sorted.length;
  });
}

/**
 * Counts the sorted values before the first that fails the test. The first `from` are known to pass. Galloping search,
 * then bisection.
 */
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
