import type { Failure } from '../domain/failure.js';
import type { ContentHash, RunId } from '../domain/ids.js';
import type { Dataset, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { When } from '../domain/when.js';
import { referenceRun } from '../models/champion.js';
import { schemaText } from './infer-schema.js';
import { datasetReference } from './windows/reference-profile.js';
import { datasetTable } from './windows/window.js';

/** Stores the schema that a run's monitored data meets, once. The same schema again is the same object. */
export async function keepInferredSchemas(
  services: Services,
  pipeline: Pipeline,
  run: RunId,
  when: When,
): Promise<Result<void, Failure>> {
  const known = new Set(services.registry.schemas.inferred(run).map((one) => one.dataset));
  for (const dataset of pipeline.datasets) {
    const reference = datasetReference(services, run, dataset.name);
    if (reference === undefined || known.has(dataset.name)) continue;
    const table = await datasetTable(services, dataset, { until: when.now });
    if (!table.ok) return table;
    const text = await schemaText(services, {
      source: table.value,
      of: `dataset ${dataset.name}`,
      ignore: pipeline.monitor?.ignore ?? [],
      profile: reference,
    });
    const saved = await services.artifacts.saveText(text);
    if (!saved.ok) return saved;
    services.registry.schemas.save(run, dataset.name, saved.value.hash);
  }
  return ok(undefined);
}

/** The schemas that a look at these datasets is by: written by hand, else inferred from the reference's data. */
export async function usedSchemas(
  services: Services,
  pipeline: Pipeline,
  when: When,
  datasets: readonly Dataset[] = pipeline.datasets,
): Promise<Result<Readonly<Record<string, ContentHash>>, Failure>> {
  const run = referenceRun(services, pipeline, when)?.run;
  const inferred = run === undefined ? [] : services.registry.schemas.inferred(run);
  const kept: Record<string, ContentHash> = {};
  for (const { name, checks } of datasets) {
    const found = inferred.find((one) => one.dataset === name);
    if (checks.schemaText === undefined) {
      if (found !== undefined) kept[name] = found.hash;
      continue;
    }
    const saved = await services.artifacts.saveText(checks.schemaText);
    if (!saved.ok) return saved;
    kept[name] = saved.value.hash;
  }
  return ok(kept);
}
