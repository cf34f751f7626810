import { seededRandom } from '../../statistics/random.js';
import type { Difference, PairedPredictions } from './difference.js';
import type { RowMetric } from './row-metrics.js';

/** Enough resamples for a 95 % interval. Fewer for many rows, because each resample draws every row. */
const RESAMPLES = 1000;
const FEWEST_RESAMPLES = 200;
const MOST_DRAWS = 30_000_000;
/** Fixed, so that the same predictions give the same verdict. */
const SEED = 20_010_201;

type Resampled = Exclude<RowMetric, { readonly kind: 'mean' }>;

/** A metric's value when row i counts `counts[i]` times. */
type Measure = (counts: ArrayLike<number>) => number;

/**
 * The paired bootstrap (Efron and Tibshirani 1993): rows are drawn with replacement, the same for both models, and each
 * resample gives one difference of the metric. `undefined` if the metric has no value on the original rows.
 */
export function bootstrapDifference(pairs: PairedPredictions, metric: Resampled): Difference | undefined {
  const rows = pairs.label.length;
  const [mine, theirs] = [measure(metric, pairs.label, pairs.candidate), measure(metric, pairs.label, pairs.champion)];
  const once = new Uint32Array(rows).fill(1);
  const [candidate, champion] = [mine(once), theirs(once)];
  if (!Number.isFinite(candidate) || !Number.isFinite(champion)) return undefined;
  const random = seededRandom(SEED);
  const count = Math.max(FEWEST_RESAMPLES, Math.min(RESAMPLES, Math.floor(MOST_DRAWS / rows)));
  const found: number[] = [];
  const counts = new Uint32Array(rows);
  for (let i = 0; i < count; i++) {
    counts.fill(0);
    for (let draw = 0; draw < rows; draw++) {
      const row = Math.floor(random() * rows);
      counts[row] = (counts[row] ?? 0) + 1;
    }
    const difference = mine(counts) - theirs(counts);
    // A metric may have no value on a resample, as r2 has none where all labels are equal. Such resamples are left out.
    if (Number.isFinite(difference)) found.push(difference);
  }
  if (found.length < FEWEST_RESAMPLES / 2) return undefined;
  const resampled = Float64Array.from(found).sort();
  const mean = resampled.reduce((sum, one) => sum + one, 0) / resampled.length;
  const variance = resampled.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (resampled.length - 1);
  return { difference: candidate - champion, standardError: Math.sqrt(variance), rows, candidate, resampled };
}

function measure(metric: Resampled, label: readonly number[], prediction: readonly number[]): Measure {
  if (metric.kind === 'ranked') {
    const order = Uint32Array.from(prediction.keys()).sort((i, j) => (prediction[j] ?? 0) - (prediction[i] ?? 0));
    const ranked = Float64Array.from(order, (i) => label[i] ?? 0);
    const weights = new Float64Array(order.length);
    return (counts) => {
      for (let i = 0; i < order.length; i++) weights[i] = counts[order[i] ?? 0] ?? 0;
      return metric.value(ranked, weights);
    };
  }
  const terms = label.map((y, i) => metric.terms(y, prediction[i] ?? 0));
  const width = terms[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, k) => Float64Array.from(terms, (term) => term[k] ?? 0));
  return (counts) =>
    metric.value(
      columns.map((column) => {
        let sum = 0;
        for (let i = 0; i < column.length; i++) sum += (column[i] ?? 0) * (counts[i] ?? 0);
        return sum;
      }),
      label.length,
    );
}
