import { aucParts } from '../../statistics/auc.js';
import { meanAndVariance } from '../../statistics/estimate.js';
import { normalQuantile } from '../../statistics/normal.js';
import { bootstrapDifference } from './bootstrap.js';
import type { Difference, PairedPredictions } from './difference.js';
import { ROW_METRICS } from './row-metrics.js';

/**
 * The difference of a metric on paired rows. `undefined` if the metric has no paired interval, or the rows do not allow
 * one.
 */
export function pairedDifference(metric: string, pairs: PairedPredictions): Difference | undefined {
  if (pairs.label.length < 2) return undefined;
  if (/^(roc_?)?auc$|^auroc$/i.test(metric)) return aucDifference(pairs);
  const known = ROW_METRICS[metric.toLowerCase().replaceAll('_', '')];
  if (known === undefined) return undefined;
  return known.kind === 'mean' ? meanDifference(pairs, known.of) : bootstrapDifference(pairs, known);
}

/**
 * The gain at the one-sided lower end of the interval: by the normal approximation, or by the bootstrap percentile
 * (Efron 1979).
 */
export function lowerGain(found: Difference, better: 1 | -1, confidence: number): number {
  const { resampled } = found;
  if (resampled === undefined) return better * found.difference - normalQuantile(confidence) * found.standardError;
  const place = Math.floor((1 - confidence) * (resampled.length - 1));
  return better === 1 ? (resampled[place] ?? Number.NaN) : -(resampled[resampled.length - 1 - place] ?? Number.NaN);
}

/** Both ends of the interval of the difference. `confidence` is that of the whole interval. */
export function intervalOf(found: Difference, confidence: number): readonly [number, number] {
  const oneSided = (1 + confidence) / 2;
  return [lowerGain(found, 1, oneSided), -lowerGain(found, -1, oneSided)];
}

/** How much a metric computed from predictions may differ from the one that `evaluate` reports. */
const SAME_METRIC = 0.02;

/** Whether the metric computed from predictions is the one that `evaluate` reports: names alone do not tell. */
export const isSameMetric = ({ candidate }: Difference, score: number): boolean =>
  Math.abs(candidate - score) <= SAME_METRIC * Math.max(1, Math.abs(score));

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

/** The difference of two correlated AUCs by DeLong, DeLong and Clarke-Pearson (1988). */
function aucDifference({ label, candidate, champion }: PairedPredictions): Difference | undefined {
  const [a, b] = [aucParts(label, candidate), aucParts(label, champion)];
  if (a === undefined || b === undefined) return undefined;
  const [m, n] = [a.positives.length, a.negatives.length];
  if (m < 2 || n < 2) return undefined;
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
    rows: m + n,
    candidate: a.auc,
  };
}

function covariance(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [meanAndVariance(a).mean, meanAndVariance(b).mean];
  return a.reduce((sum, value, i) => sum + (value - meanA) * ((b[i] ?? 0) - meanB), 0) / (a.length - 1);
}
