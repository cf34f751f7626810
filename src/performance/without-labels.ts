import type { PerformanceWindow, WithoutLabels } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { LogRows } from '../domain/ports/prediction-log.js';
import { ok, type Result } from '../domain/support/result.js';
import { findMetric, isHigherBetter, type MetricName, measure } from './judge/metrics/metrics.js';
import { estimatePerformance } from './judge/unlabelled/estimate-performance.js';
import { comparePredictions } from './judge/unlabelled/prediction-drift.js';
import type { ComparedRows, WatchedModel } from './watched-model.js';

/**
 * Compares the outputs of a window without labels with those at the gate, or for a bare log with those before the
 * window. Estimates the metric that their probabilities give.
 */
export async function describeWithoutLabels(
  model: WatchedModel,
  name: string,
  { rows, window }: { readonly rows: LogRows; readonly window: Pick<PerformanceWindow, 'from' | 'to'> },
): Promise<Result<WithoutLabels, Failure>> {
  const { prediction } = rows;
  if (prediction.length === 0) return ok({});
  const found = await comparedRows(model, window);
  if (!found.ok) return found;
  const compared = found.value;
  if (compared === undefined) return ok({});
  const predictionDrift =
    compared.prediction.length === 0 ? undefined : comparePredictions(compared.prediction, prediction);
  const metric = findMetric(name);
  return ok({ predictionDrift, estimated: metric === undefined ? undefined : estimate(metric, compared, prediction) });
}

async function comparedRows(
  model: WatchedModel,
  window: Pick<PerformanceWindow, 'from' | 'to'>,
): Promise<Result<ComparedRows | undefined, Failure>> {
  const gate = await model.atGate();
  if (gate !== undefined) return ok({ ...gate, comparedWith: 'gate' });
  return model.earlierRows === undefined ? ok(undefined) : model.earlierRows(window);
}

function estimate(metric: MetricName, compared: ComparedRows, prediction: Float64Array): WithoutLabels['estimated'] {
  const { comparedWith } = compared;
  if (comparedWith === 'nothing') {
    const value = estimatePerformance(metric, undefined, prediction);
    return value === undefined ? undefined : { metric, value, comparedWith };
  }
  const atGate = measure(metric, compared.label, compared.prediction);
  const value = estimatePerformance(metric, compared, prediction);
  if (value === undefined || atGate === undefined) return undefined;
  const fall = isHigherBetter(metric) ? atGate.value - value : value - atGate.value;
  return { metric, value, atGate: atGate.value, fall, comparedWith };
}
