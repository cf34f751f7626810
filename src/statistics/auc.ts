import { type Estimate, meanAndVariance, normalEstimate } from './estimate.js';

/**
 * Area under the ROC curve of scores for labels of 0 and 1, with the standard error of DeLong, DeLong and Clarke-Pearson
 * (1988): of the shares of the other label that each row lies on the right side of, counted in one walk over both sorted
 * (Sun and Xu 2014). `undefined` with fewer than two rows of either label.
 */
export function auc(label: Float64Array, score: Float64Array): Estimate | undefined {
  const above = score.filter((_, i) => label[i] === 1).sort();
  const below = score.filter((_, i) => label[i] === 0).sort();
  const [m, n] = [above.length, below.length];
  if (m < 2 || n < 2) return undefined;
  const positives = meanAndVariance(sharesBelow(above, below));
  const negatives = meanAndVariance(sharesBelow(below, above));
  const standardError = Math.sqrt(positives.variance / m + negatives.variance / n);
  return normalEstimate(positives.mean, standardError, m + n, [0, 1]);
}

/** For each of the sorted values the share of the sorted others that lie below it; equal ones count half. */
function sharesBelow(values: Float64Array, others: Float64Array): Float64Array {
  const shares = new Float64Array(values.length);
  let [below, upTo] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    while (below < others.length && (others[below] ?? 0) < value) below++;
    if (upTo < below) upTo = below;
    while (upTo < others.length && others[upTo] === value) upTo++;
    shares[i] = (below + upTo) / 2 / others.length;
  }
  return shares;
}
