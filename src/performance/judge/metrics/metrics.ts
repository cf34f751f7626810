import type { Estimate } from '../../../domain/data/performance.js';
import { auc } from '../../../statistics/auc.js';
import { calibrationError } from './calibration.js';
import { accuracy, f1, precision, recall } from './decisions.js';
import { brier, logLoss, mae, mape, pinball, rmse } from './losses.js';

type Measure = (label: Float64Array, prediction: Float64Array) => Estimate | undefined;

interface Metric {
  readonly measure: Measure;
  readonly better: 'higher' | 'lower';
  /** `bits`: the label is 0 or 1 and the prediction a score. */
  readonly of: 'bits' | 'numbers';
  /** Value of a worthless model. Absent for a metric without a bound. */
  readonly worthless?: number;
}

const METRICS = {
  auc: { measure: auc, better: 'higher', of: 'bits', worthless: 0.5 },
  accuracy: { measure: accuracy, better: 'higher', of: 'bits', worthless: 0 },
  f1: { measure: f1, better: 'higher', of: 'bits', worthless: 0 },
  precision: { measure: precision, better: 'higher', of: 'bits', worthless: 0 },
  recall: { measure: recall, better: 'higher', of: 'bits', worthless: 0 },
  'log-loss': { measure: logLoss, better: 'lower', of: 'bits' },
  brier: { measure: brier, better: 'lower', of: 'bits', worthless: 1 },
  'calibration-error': { measure: calibrationError, better: 'lower', of: 'bits', worthless: 1 },
  mae: { measure: mae, better: 'lower', of: 'numbers' },
  rmse: { measure: rmse, better: 'lower', of: 'numbers' },
  mape: { measure: mape, better: 'lower', of: 'numbers' },
  pinball: { measure: pinball, better: 'lower', of: 'numbers' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

/** Finds a metric by the names in use: `log_loss`, `LogLoss`, `ROC_AUC`, `ece`. */
export function findMetric(given: string): MetricName | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_ ]/g, '');
  const aliases: Readonly<Record<string, MetricName>> = { rocauc: 'auc', auroc: 'auc', ece: 'calibration-error' };
  return aliases[plain(given)] ?? (Object.keys(METRICS) as MetricName[]).find((name) => plain(name) === plain(given));
}

/** The worst value of a metric: chance for AUC, 0 or 1 for shares, none for losses without a bound. */
export const worthlessValue = (name: MetricName): number | undefined => {
  const metric: Metric = METRICS[name];
  return metric.worthless;
};

export const isHigherBetter = (name: MetricName): boolean => METRICS[name].better === 'higher';

/** All metrics for a kind of label. `bits` are 0 and 1. */
export const metricsOf = (kind: 'bits' | 'numbers'): readonly MetricName[] =>
  (Object.keys(METRICS) as MetricName[]).filter((name) => METRICS[name].of === kind);

/** Whether a metric lies between 0 and 1 in any unit of the label. */
export const isShare = (name: MetricName): boolean => METRICS[name].of === 'bits' && name !== 'log-loss';

/** The metric to use if none is named. */
export function usualMetric(label: Float64Array, prediction: Float64Array): MetricName {
  const isBit = (x: number): boolean => x === 0 || x === 1;
  if (!label.every(isBit)) return 'mae';
  return prediction.every(isBit) ? 'accuracy' : 'auc';
}

/** A metric over all given rows. `undefined` if they do not allow it. */
export function measure(name: MetricName, label: Float64Array, prediction: Float64Array): Estimate | undefined {
  if (label.length < 2) return undefined;
  if (METRICS[name].of === 'bits' && label.some((y) => y !== 0 && y !== 1)) return undefined;
  return METRICS[name].measure(label, prediction);
}
