import type { PerformanceChange, PerformanceReport } from '../domain/data/performance.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { checkDrift } from '../drift/check-drift.js';

/**
 * A change of the error is `recurring` if the data drift back to what an earlier version was trained on: the world is
 * an old one, and its version still exists. This costs a drift check, so it is done only for a new change.
 */
export async function withReturnedWorld(
  services: Services,
  pipeline: Pipeline,
  when: When,
  report: PerformanceReport,
): Promise<PerformanceReport> {
  const { change, verdict } = report;
  const { reference, current } = pipeline.monitor ?? {};
  if (change === undefined || verdict !== 'drift' || reference === undefined || current === undefined) return report;
  if (change.form === 'blip' || change.form === 'recurring') return report;
  const drift = await checkDrift(services, pipeline, when);
  // Without a comparison the change stays as the errors show it.
  if (!drift.ok || drift.value.verdict !== 'drift') return report;
  const nearest = drift.value.nearestVersion;
  if (nearest?.isClearlyCloser !== true) return report;
  const { model, version } = nearest;
  const sentence = `${change.sentence} The data have returned to what ${model}@${version} was trained on.`;
  const returned: PerformanceChange = { ...change, form: 'recurring', returnedTo: { model, version }, sentence };
  return { ...report, change: returned, detail: report.detail.replace(change.sentence, sentence) };
}
