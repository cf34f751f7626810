import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { median } from '../../statistics/quantiles.js';

/** History is not read for shorter steps: it would cost more than it tells. */
const ASK_AFTER_MS = 3000;
const ATTEMPTS = 5;

/**
 * Says how long the step usually takes, once it has run for some seconds: the median of its last successful attempts. Says
 * nothing without history. Returns what ends the waiting.
 */
export function announceUsualDuration(
  services: Pick<Services, 'registry' | 'emit'>,
  { pipeline, step }: { readonly pipeline: Pipeline; readonly step: Step },
): () => void {
  const timer = setTimeout(() => {
    const durations = durationsOf(services, pipeline, step);
    const usualMs = median(durations);
    if (usualMs !== undefined)
      services.emit({ type: 'step-expected', step: step.name, usualMs, attempts: durations.length });
  }, ASK_AFTER_MS).unref();
  return () => clearTimeout(timer);
}

/** A damaged registry must not end a running step from a timer. The writes that follow report it. */
function durationsOf({ registry }: Pick<Services, 'registry'>, { name }: Pipeline, step: Step): readonly number[] {
  try {
    return registry.runs.attemptDurations(name, step.name, ATTEMPTS);
  } catch {
    return [];
  }
}
