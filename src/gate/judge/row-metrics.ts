import { logLossOf } from '../../statistics/log-loss.js';

/** A metric that can be computed from the rows. */
export type RowMetric =
  /** The mean over rows. */
  | { readonly kind: 'mean'; readonly of: (label: number, prediction: number) => number }
  /** A function of sums over rows. `terms` gives each row's addends. */
  | {
      readonly kind: 'sums';
      readonly terms: (label: number, prediction: number) => readonly number[];
      readonly value: (sums: ArrayLike<number>, rows: number) => number;
    }
  /** A function of the rows sorted by prediction, highest first. `weights` says how often each row counts. */
  | { readonly kind: 'ranked'; readonly value: (label: ArrayLike<number>, weights: ArrayLike<number>) => number };

/** A row is positive with label 1, and predicted positive from 0.5 on. */
const confusion = (value: (tp: number, fp: number, fn: number, tn: number) => number): RowMetric => ({
  kind: 'sums',
  terms: (label, prediction) => {
    const [isPositive, isPredicted] = [label === 1, prediction >= 0.5];
    return [
      isPositive && isPredicted ? 1 : 0,
      !isPositive && isPredicted ? 1 : 0,
      isPositive && !isPredicted ? 1 : 0,
      !isPositive && !isPredicted ? 1 : 0,
    ];
  },
  value: (sums) => value(sums[0] ?? 0, sums[1] ?? 0, sums[2] ?? 0, sums[3] ?? 0),
});

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Mean precision at each positive row, highest prediction first. Ties keep the order of the rows. */
function averagePrecision(label: ArrayLike<number>, weights: ArrayLike<number>): number {
  let [seen, hits, sum] = [0, 0, 0];
  for (let i = 0; i < label.length; i++) {
    const weight = weights[i] ?? 0;
    seen += weight;
    if (label[i] !== 1) continue;
    hits += weight;
    sum += weight === 0 ? 0 : weight * (hits / seen);
  }
  return share(sum, hits);
}

/** By metric name in lower case without `_`. */
export const ROW_METRICS: Readonly<Record<string, RowMetric>> = {
  logloss: { kind: 'mean', of: logLossOf },
  brier: { kind: 'mean', of: (y, p) => (y - p) ** 2 },
  mse: { kind: 'mean', of: (y, p) => (y - p) ** 2 },
  mae: { kind: 'mean', of: (y, p) => Math.abs(y - p) },
  mape: { kind: 'mean', of: (y, p) => Math.abs((y - p) / y) },
  accuracy: { kind: 'mean', of: (y, p) => (p >= 0.5 === (y === 1) ? 1 : 0) },
  rmse: { kind: 'sums', terms: (y, p) => [(y - p) ** 2], value: (sums, rows) => Math.sqrt((sums[0] ?? 0) / rows) },
  r2: {
    kind: 'sums',
    terms: (y, p) => [(y - p) ** 2, y, y * y],
    value: (sums, rows) => 1 - (sums[0] ?? 0) / ((sums[2] ?? 0) - (sums[1] ?? 0) ** 2 / rows),
  },
  f1: confusion((tp, fp, fn) => share(2 * tp, 2 * tp + fp + fn)),
  precision: confusion((tp, fp) => share(tp, tp + fp)),
  recall: confusion((tp, _fp, fn) => share(tp, tp + fn)),
  balancedaccuracy: confusion((tp, fp, fn, tn) => (share(tp, tp + fn) + share(tn, tn + fp)) / 2),
  mcc: confusion((tp, fp, fn, tn) =>
    share(tp * tn - fp * fn, Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
  ),
  averageprecision: { kind: 'ranked', value: averagePrecision },
  prauc: { kind: 'ranked', value: averagePrecision },
};
