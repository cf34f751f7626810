import { type Estimate, meanAndVariance, normalEstimate } from './estimate.js';

/**
 * Area under the ROC curve of scores for labels of 0 and 1, with the standard error of DeLong, DeLong and Clarke-Pearson
 * (1988) by mid-ranks (Sun and Xu 2014). `undefined` with fewer than two rows of either label.
 */
export function auc(label: Float64Array, score: Float64Array): Estimate | undefined {
  const [above, below] = [score.filter((_, i) => label[i] === 1), score.filter((_, i) => label[i] === 0)];
  const [m, n] = [above.length, below.length];
  if (m < 2 || n < 2) return undefined;
  const pooled = midRanks(Float64Array.from([...above, ...below]));
  const [ranksAbove, ranksBelow] = [midRanks(above), midRanks(below)];
  const positives = meanAndVariance(ranksAbove.map((rank, i) => ((pooled[i] ?? 0) - rank) / n));
  const negatives = meanAndVariance(ranksBelow.map((rank, i) => 1 - ((pooled[m + i] ?? 0) - rank) / m));
  const standardError = Math.sqrt(positives.variance / m + negatives.variance / n);
  return normalEstimate(positives.mean, standardError, m + n, [0, 1]);
}

/** Ranks from 1; equal values share the mean of theirs. */
function midRanks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let i = start; i < end; i++) ranks[order[i] ?? 0] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}
