import type { Measurements } from '../../../domain/decisions/measurements.js';
import { performanceKey } from '../../../domain/decisions/measurements.js';
import type { Trigger } from '../../../domain/pipeline/pipeline.js';
import { type Seen, stateOf } from './seen.js';

type PerformanceTrigger = Extract<Trigger, { readonly kind: 'performance' }>;

/**
 * Holds while a fall in performance is open: the model became worse by more than the drop and by more than its usual
 * variation, and no model has reached the old level since. An open fall is also evidence that drift of the inputs
 * matters.
 */
export function measurePerformance(trigger: PerformanceTrigger, measured: Measurements): Seen {
  const seen = measured.performance?.[performanceKey(trigger)] ?? 'it was not measured';
  const base = { condition: 'performance' };
  if (typeof seen === 'string') return { ...base, state: 'undecided', detail: seen };
  const { verdict, fall, limit, detail, change, current, asOf, episode } = seen;
  if (verdict === 'undecided' || fall === undefined || limit === undefined)
    return { ...base, state: 'undecided', threshold: trigger.drop, detail };
  const since = verdict === 'drift' ? (change?.since ?? episode?.since ?? current?.from) : undefined;
  return {
    ...base,
    state: stateOf(verdict === 'drift'),
    measured: Number(fall.toFixed(6)),
    threshold: Number(limit.toFixed(6)),
    detail,
    since,
    windowEnd: asOf,
    fall: verdict === 'drift' ? episode : undefined,
  };
}

/** A sentence if the estimated metric has fallen by the drop or more, while there are no labels to measure it. */
export function estimatedLoss(trigger: PerformanceTrigger, measured: Measurements): string | undefined {
  const seen = measured.performance?.[performanceKey(trigger)];
  const estimated = typeof seen === 'object' ? seen.withoutLabels?.estimated : undefined;
  if (estimated?.fall === undefined || estimated.fall < trigger.drop) return undefined;
  const { metric, value, atGate = 0 } = estimated;
  return `and ${metric} is estimated at ${value.toPrecision(3)}, from ${atGate.toPrecision(3)} at the gate, while no label has come`;
}
