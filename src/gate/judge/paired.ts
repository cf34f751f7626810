import { normalQuantile } from '../../statistics/normal.js';
import { midRanks } from '../../statistics/ranks.js';
import { bootstrapDifference } from './bootstrap.js';
import type { Difference, PairedPredictions } from './difference.js';
import { ROW_METRICS } from './row-metrics.js';

/** `undefined`: no paired interval is known for this metric, or the rows do not allow one. */
export function pairedDifference(metric: string, pairs: PairedPredictions): Difference | undefined {
  if (pairs.label.length < 2) return undefined;
  if (/^(roc_?)?auc$|^auroc$/i.test(metric)) return aucDifference(pairs);
  const known = ROW_METRICS[metric.toLowerCase().replaceAll('_', '')];
  if (known === undefined) return undefined;
  return known.kind === 'mean' ? meanDifference(pairs, known.of) : bootstrapDifference(pairs, known);
}

/** The gain that is surely reached, one-sided: by the normal law, or by the bootstrap's own percentile (Efron 1979). */
export function lowerGain(found: Difference, better: 1 | -1, confidence: number): number {
  const { resampled } = found;
  if (resampled === undefined) return better * found.difference - normalQuantile(confidence) * found.standardError;
  const place = Math.floor((1 - confidence) * (resampled.length - 1));
  return better === 1 ? (resampled[place] ?? Number.NaN) : -(resampled[resampled.length - 1 - place] ?? Number.NaN);
}

function meanDifference(pairs: PairedPredictions, of: (label: number, prediction: number) => number): Difference {
  const own = pairs.label.map((y, i) => of(y, pairs.candidate[i] ?? 0));
  const differences = own.map((value, i) => value - of(pairs.label[i] ?? 0, pairs.champion[i] ?? 0));
  const mean = average(differences);
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (differences.length - 1);
  return {
    difference: mean,
    standardError: Math.sqrt(variance / differences.length),
    rows: differences.length,
    candidate: average(own),
  };
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Difference of two correlated AUCs: DeLong, DeLong and Clarke-Pearson (1988), by mid-ranks (Sun and Xu 2014). */
function aucDifference({ label, candidate, champion }: PairedPredictions): Difference | undefined {
  const positive = label.map((y) => y === 1);
  const [m, n] = [positive.filter(Boolean).length, positive.filter((is) => !is).length];
  if (m < 2 || n < 2) return undefined;
  const a = components(candidate, positive);
  const b = components(champion, positive);
  const variance =
    covariance(a.positives, a.positives) / m +
    covariance(b.positives, b.positives) / m -
    (2 * covariance(a.positives, b.positives)) / m +
    covariance(a.negatives, a.negatives) / n +
    covariance(b.negatives, b.negatives) / n -
    (2 * covariance(a.negatives, b.negatives)) / n;
  return {
    difference: a.auc - b.auc,
    standardError: Math.sqrt(Math.max(0, variance)),
    rows: label.length,
    candidate: a.auc,
  };
}

/** Structural components: for each positive the share of negatives below it, for each negative that of positives above. */
function components(scores: readonly number[], positive: readonly boolean[]) {
  const all = midRanks(scores);
  const pick = (isPositive: boolean): readonly number[] => [...all].filter((_, i) => positive[i] === isPositive);
  const scored = (isPositive: boolean): readonly number[] => scores.filter((_, i) => positive[i] === isPositive);
  const [ranksP, ranksN] = [pick(true), pick(false)];
  const [innerP, innerN] = [midRanks(scored(true)), midRanks(scored(false))];
  const positives = ranksP.map((rank, i) => (rank - (innerP[i] ?? 0)) / ranksN.length);
  const negatives = ranksN.map((rank, i) => 1 - (rank - (innerN[i] ?? 0)) / ranksP.length);
  return { positives, negatives, auc: average(positives) };
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [average(a), average(b)];
  return a.reduce((sum, value, i) => sum + (value - meanA) * ((b[i] ?? 0) - meanB), 0) / (a.length - 1);
}
