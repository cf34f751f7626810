import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { resolveUsedDatasets } from '../execute/plan-pipeline.js';
import { hashEvaluationData } from '../gate/evaluate-version.js';
import { evaluateVersions } from '../gate/evaluate-versions.js';
import { contestants } from '../models/contestants.js';

/**
 * Scores earlier versions on the current test data, so that the gain from retraining can be reported. Nothing depends
 * on it: a version that today's code cannot score is left out.
 */
export async function scoreEarned(services: Services, pipeline: Pipeline, when: When): Promise<void> {
  const spec = pipeline.model?.evaluate;
  const all = contestants(services, pipeline, when);
  if (spec === undefined || all.length < 2) return;
  const datasets = await resolveUsedDatasets(services, pipeline, [], when);
  if (!datasets.ok) return;
  const data = await hashEvaluationData(services, { spec, datasets: datasets.value });
  const known = all[0] === undefined ? undefined : services.registry.models.evaluations(all[0].version)[0];
  // Only if the champion has just been scored on this data, because its run identifies the data.
  if (!data.ok || known === undefined || known.dataHash !== data.value) return;
  const missing = all.filter(
    ({ version }) => !services.registry.models.evaluations(version).some((one) => one.dataHash === data.value),
  );
  const context = { pipeline, spec, run: known.run, now: when.now, datasets: datasets.value };
  await evaluateVersions(
    services,
    missing.map(({ version }) => version),
    () => context,
  );
}
