import { midRanks } from '../domain/ranks.js';

/** Predictions of two models on the same rows. `label` is 0/1 for classifiers, the value for regressions. */
export interface PairedPredictions {
  readonly label: readonly number[];
  readonly candidate: readonly number[];
  readonly champion: readonly number[];
}

/** Candidate minus champion, in the metric's unit, with its standard error. */
export interface Difference {
  readonly difference: number;
  readonly standardError: number;
  readonly rows: number;
}

/** `undefined`: no paired interval is known for this metric, or the rows do not allow one. */
export function pairedDifference(metric: string, pairs: PairedPredictions): Difference | undefined {
  if (pairs.label.length < 2) return undefined;
  if (/^(roc_?)?auc$|^auroc$/i.test(metric)) return aucDifference(pairs);
  const loss = rowLoss(metric);
  return loss === undefined ? undefined : meanDifference(pairs, loss);
}

type RowLoss = (label: number, prediction: number) => number;

/** Metrics that are means over rows: their difference is a mean of paired differences. */
function rowLoss(metric: string): RowLoss | undefined {
  const name = metric.toLowerCase().replaceAll('_', '');
  if (name === 'logloss') {
    const clip = (p: number): number => Math.min(1 - 1e-15, Math.max(1e-15, p));
    return (y, p) => -(y * Math.log(clip(p)) + (1 - y) * Math.log(1 - clip(p)));
  }
  if (name === 'brier' || name === 'mse') return (y, p) => (y - p) ** 2;
  if (name === 'mae') return (y, p) => Math.abs(y - p);
  if (name === 'accuracy') return (y, p) => (p >= 0.5 === (y === 1) ? 1 : 0);
  return undefined;
}

function meanDifference(pairs: PairedPredictions, loss: RowLoss): Difference {
  const differences = pairs.label.map((y, i) => loss(y, pairs.candidate[i] ?? 0) - loss(y, pairs.champion[i] ?? 0));
  const mean = average(differences);
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (differences.length - 1);
  return { difference: mean, standardError: Math.sqrt(variance / differences.length), rows: differences.length };
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
  return { difference: a.auc - b.auc, standardError: Math.sqrt(Math.max(0, variance)), rows: label.length };
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
