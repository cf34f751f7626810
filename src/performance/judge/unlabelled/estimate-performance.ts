import { logLossOf } from '../../../statistics/log-loss.js';
import type { MetricName } from '../metrics/metrics.js';

/** Fewer labelled rows cannot calibrate. */
const FEWEST = 100;

interface Scored {
  readonly label: Float64Array;
  readonly prediction: Float64Array;
}

/** What a row adds to the mean of a metric, for its score and the probability that it is positive. */
type Expected = (score: number, p: number) => number;

/** Metrics that are means over rows and follow from probabilities alone. */
const EXPECTED: Partial<Readonly<Record<MetricName, Expected>>> = {
  accuracy: (score, p) => (score >= 0.5 ? p : 1 - p),
  brier: (score, p) => p * (1 - score) ** 2 + (1 - p) * score ** 2,
  'log-loss': (score, p) => logLossOf(p, score),
};

/**
 * Estimates a metric without labels: its expectation over each row's probability, calibrated by isotonic regression on
 * the rows of the gate (confidence-based performance estimation, NannyML 2021). It assumes that a prediction still
 * means what it meant at the gate, so it cannot see concept drift. Without a gate the predictions count as the
 * probabilities. `undefined` for metrics, labels and predictions that this does not fit.
 */
export function estimatePerformance(
  metric: MetricName,
  gate: Scored | undefined,
  current: Float64Array,
): number | undefined {
  if (current.length < 2) return undefined;
  const chance = chancesOf(gate, current);
  if (chance === undefined) return undefined;
  if (metric === 'auc') return expectedAuc(current, chance);
  const expected = EXPECTED[metric];
  return expected && current.reduce((sum, score, i) => sum + expected(score, chance[i] ?? 0), 0) / current.length;
}

function chancesOf(gate: Scored | undefined, current: Float64Array): Float64Array | undefined {
  if (gate === undefined) return current.every((p) => p >= 0 && p <= 1) ? current : undefined;
  if (gate.label.length < FEWEST || gate.label.some((y) => y !== 0 && y !== 1)) return undefined;
  return current.map(isotonic(gate));
}

/**
 * The rate of positive labels by score, which never falls with it, by pooling adjacent violators (Ayer et al. 1955).
 */
function isotonic({ label, prediction }: Scored): (score: number) => number {
  const order = Uint32Array.from(label.keys()).sort((i, j) => (prediction[i] ?? 0) - (prediction[j] ?? 0));
  const blocks: { top: number; count: number; sum: number }[] = [];
  for (const i of order) {
    const [score, y] = [prediction[i] ?? 0, label[i] ?? 0];
    const last = blocks.at(-1);
    if (last !== undefined && last.top === score) {
      last.count += 1;
      last.sum += y;
    } else blocks.push({ top: score, count: 1, sum: y });
  }
  const pooled: { top: number; count: number; sum: number }[] = [];
  for (const block of blocks) {
    let joined = { ...block };
    for (let below = pooled.at(-1); below !== undefined; below = pooled.at(-1)) {
      if (below.sum / below.count < joined.sum / joined.count) break;
      joined = { top: joined.top, count: joined.count + below.count, sum: joined.sum + below.sum };
      pooled.pop();
    }
    pooled.push(joined);
  }
  return (score) => {
    let [low, high] = [0, pooled.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pooled[middle]?.top ?? 0) >= score) high = middle;
      else low = middle + 1;
    }
    const block = pooled[low];
    return block === undefined ? 0 : block.sum / block.count;
  };
}

/**
 * Probability that a random positive scores above a random negative, where each row is positive with its probability.
 */
function expectedAuc(score: Float64Array, chance: Float64Array): number | undefined {
  const order = Uint32Array.from(score.keys()).sort((i, j) => (score[i] ?? 0) - (score[j] ?? 0));
  let [below, positives, area] = [0, 0, 0];
  for (let start = 0; start < order.length; ) {
    let [end, up, down] = [start, 0, 0];
    for (; end < order.length && score[order[end] ?? 0] === score[order[start] ?? 0]; end++) {
      const p = chance[order[end] ?? 0] ?? 0;
      up += p;
      down += 1 - p;
    }
    area += up * (below + down / 2);
    below += down;
    positives += up;
    start = end;
  }
  return positives === 0 || below === 0 ? undefined : area / (positives * below);
}
