import { type Instant, instantOf } from '../../domain/time.js';
import { auc } from './auc.js';
import { calibrationError } from './calibration.js';
import { accuracy, f1, precision, recall } from './decisions.js';
import type { Estimate } from './estimate.js';
import { brier, logLoss, mae, mape, pinball, rmse } from './losses.js';

type Measure = (label: Float64Array, prediction: Float64Array) => Estimate | undefined;

interface Metric {
  readonly measure: Measure;
  readonly better: 'higher' | 'lower';
  /** `bits`: the label is 0 or 1 and the prediction a score. */
  readonly of: 'bits' | 'numbers';
}

const METRICS = {
  auc: { measure: auc, better: 'higher', of: 'bits' },
  accuracy: { measure: accuracy, better: 'higher', of: 'bits' },
  f1: { measure: f1, better: 'higher', of: 'bits' },
  precision: { measure: precision, better: 'higher', of: 'bits' },
  recall: { measure: recall, better: 'higher', of: 'bits' },
  'log-loss': { measure: logLoss, better: 'lower', of: 'bits' },
  brier: { measure: brier, better: 'lower', of: 'bits' },
  'calibration-error': { measure: calibrationError, better: 'lower', of: 'bits' },
  mae: { measure: mae, better: 'lower', of: 'numbers' },
  rmse: { measure: rmse, better: 'lower', of: 'numbers' },
  mape: { measure: mape, better: 'lower', of: 'numbers' },
  pinball: { measure: pinball, better: 'lower', of: 'numbers' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

/** A metric by the name people give it: `log_loss`, `LogLoss`, `ROC_AUC`, `ece`. */
export function findMetric(given: string): MetricName | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_ ]/g, '');
  const aliases: Readonly<Record<string, MetricName>> = { rocauc: 'auc', auroc: 'auc', ece: 'calibration-error' };
  return aliases[plain(given)] ?? (Object.keys(METRICS) as MetricName[]).find((name) => plain(name) === plain(given));
}

export const isHigherBetter = (name: MetricName): boolean => METRICS[name].better === 'higher';

/** Predictions with their labels; `time` in epoch milliseconds, all arrays of one length. */
export interface LabelledRows {
  readonly time: Float64Array;
  /** NaN where the label has not arrived. */
  readonly label: Float64Array;
  readonly prediction: Float64Array;
}

export interface MeasuredWindow {
  /** `from <= time < to`. */
  readonly from: Instant;
  readonly to: Instant;
  /** Rows with label and prediction. */
  readonly rows: number;
  /** Absent where the rows do not allow the metric: too few, one label only, labels other than 0 and 1. */
  readonly estimate?: Estimate;
}

/**
 * A metric over windows of equal length that end at `now`, oldest first, empty ones included; rows at or after `now` do
 * not exist, rows without label or prediction are left out.
 */
export function measureWindows(
  rows: LabelledRows,
  { metric, windowMs, now }: { readonly metric: MetricName; readonly windowMs: number; readonly now: Instant },
): readonly MeasuredWindow[] {
  const members = new Map<number, number[]>();
  rows.time.forEach((time, i) => {
    if (!(time < now) || !Number.isFinite(rows.label[i]) || !Number.isFinite(rows.prediction[i])) return;
    const back = Math.ceil((now - time) / windowMs) - 1;
    const known = members.get(back);
    if (known === undefined) members.set(back, [i]);
    else known.push(i);
  });
  let oldest = -1;
  for (const back of members.keys()) oldest = Math.max(oldest, back);
  return Array.from({ length: oldest + 1 }, (_, i): MeasuredWindow => {
    const back = oldest - i;
    const index = members.get(back) ?? [];
    const pick = (values: Float64Array): Float64Array => Float64Array.from(index, (at) => values[at] ?? Number.NaN);
    const estimate = measure(metric, pick(rows.label), pick(rows.prediction));
    return {
      from: instantOf(now - (back + 1) * windowMs),
      to: instantOf(now - back * windowMs),
      rows: index.length,
      ...(estimate === undefined ? {} : { estimate }),
    };
  });
}

/** A metric over all rows given; `undefined` where they do not allow it. */
export function measure(name: MetricName, label: Float64Array, prediction: Float64Array): Estimate | undefined {
  if (label.length < 2) return undefined;
  if (METRICS[name].of === 'bits' && label.some((y) => y !== 0 && y !== 1)) return undefined;
  return METRICS[name].measure(label, prediction);
}
