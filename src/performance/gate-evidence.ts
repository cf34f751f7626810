import type { Estimate, PerformanceWindow } from '../domain/data/performance.js';
import { measure } from './judge/metrics/metrics.js';
import { FEWEST_WINDOWS } from './judge/performance-drop.js';
import { type WatchedMetric, watchedMetric } from './watched-metric.js';
import type { WatchedModel } from './watched-model.js';

/**
 * What a model is compared with before it has windows of its own: its gate, and the differences between earlier
 * versions and their gates.
 */
export interface Baseline {
  /** The champion's value at its gate. */
  readonly evidence?: Estimate;
  readonly references: readonly Estimate[];
}

/** `past`: the champion's own windows so far. */
export async function baselineOf(
  model: WatchedModel,
  { metric, windowMs }: { readonly metric: WatchedMetric; readonly windowMs: number },
  past: readonly PerformanceWindow[],
): Promise<Baseline> {
  const evidence = await evidenceOf(model, metric, past);
  if (evidence === undefined) return { references: [] };
  const own = 1 + past.filter((one) => one.estimate !== undefined).length;
  // A model that was just trained has no windows of its own. The differences between earlier versions and their gates
  // show how far this one may differ, so that a model that is trained every week is watched, too.
  const earlier = own >= FEWEST_WINDOWS ? [] : model.earlier(metric.name, windowMs);
  const borrowed = earlier.map((one) => ({ ...evidence, ...one, value: evidence.value + one.value }));
  return { evidence, references: [evidence, ...borrowed] };
}

/** The champion's value at its gate, with its interval if its predictions are kept. */
async function evidenceOf(
  model: WatchedModel,
  metric: WatchedMetric,
  past: readonly PerformanceWindow[],
): Promise<Estimate | undefined> {
  const gate = metric.builtIn === undefined ? undefined : await model.atGate();
  const measured =
    gate === undefined || metric.builtIn === undefined
      ? undefined
      : measure(metric.builtIn, gate.label, gate.prediction);
  if (measured !== undefined) return measured;
  const named = Object.entries(model.gateMetrics).find(
    ([name]) => watchedMetric(name, model.metrics)?.name === metric.name,
  );
  if (named === undefined) return undefined;
  const [, value] = named;
  // Without its rows it is taken to be as precise as a window of the log.
  const errors = past.flatMap((one) => one.estimate?.standardError ?? []);
  const standardError = errors.length === 0 ? 0 : errors.reduce((sum, one) => sum + one, 0) / errors.length;
  return { value, standardError, lower: value - 1.96 * standardError, upper: value + 1.96 * standardError, rows: 0 };
}
