import { createHash } from 'node:crypto';
import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash, RunId } from '../../domain/ids.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import { referenceHash } from '../../models/champion.js';
import { datasetTable, profileArtifact, windowCut } from './window.js';

/** Under which the profile of a dataset's window is stored for a run. */
export const datasetKey = (run: RunId, dataset: string): ContentHash =>
  createHash('sha256').update(`${run}\n${dataset}`).digest('hex') as ContentHash;

/** Profile of a dataset's window as it was when that run was made. */
export const datasetReference = (services: Services, run: RunId, dataset: string): TableProfile | undefined =>
  services.registry.profiles.get(datasetKey(run, dataset), 'dataset-window');

/** Profiles what later checks compare with: the reference artifact, and the raw window of the monitored dataset. */
export async function profileReference(
  services: Services,
  pipeline: Pipeline,
  run: RunId,
  when: When,
): Promise<Result<void, Failure>> {
  const { monitor } = pipeline;
  if (monitor === undefined) return ok(undefined);
  const hash = referenceHash(services, pipeline, run);
  const profile = hash === undefined ? ok(undefined) : await profileArtifact(services, hash);
  if (!profile.ok) return profile;
  const dataset = pipeline.datasets.find((one) => one.name === monitor.current?.dataset);
  if (dataset === undefined || datasetReference(services, run, dataset.name) !== undefined) return ok(undefined);
  const table = await datasetTable(services, dataset, windowCut(monitor.current?.windowMs, when.now));
  if (!table.ok) return table;
  const window = await services.datasets.profile(table.value);
  if (window.ok) services.registry.profiles.save(datasetKey(run, dataset.name), 'dataset-window', window.value);
  return window.ok ? ok(undefined) : window;
}
