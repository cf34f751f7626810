import { listFiles } from '../data/datasets/dataset-files.js';
import { snapshotFolder } from '../domain/data/snapshot.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { externalInputs } from '../models/external-inputs.js';
import { isRemote, placeSnapshots } from '../pipeline/with-snapshots.js';

/** The snapshots that a run read, in place of the remote sources: what the sources hold today does not matter. */
export function withRecordedSnapshots(
  { registry }: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  run: Run,
): Pipeline {
  if (!pipeline.datasets.some(isRemote)) return pipeline;
  const read = externalInputs({ registry }, run).map(({ use }) => use.path);
  return placeSnapshots(pipeline, ({ name }) => read.filter((path) => path.startsWith(`${snapshotFolder(name)}/`)));
}

/**
 * Removes from a scratch workspace the files that datasets and globs would find today and that the recorded run did not
 * read: files that came later, or that were not there any more.
 */
export async function removeLaterFiles(
  { registry }: Pick<Services, 'registry'>,
  inside: Pick<Services, 'files'>,
  pipeline: Pipeline,
  run: Run,
): Promise<void> {
  const uses = registry.runs.executions(run.id).map((execution) => registry.runs.uses(execution.id));
  const recorded = new Set<string>(uses.flatMap(({ reads, writes }) => [...reads, ...writes]).map((use) => use.path));
  const read = new Set(uses.flatMap(({ reads }) => reads).flatMap((use) => use.dataset ?? []));
  // A dataset that no step read has no recorded list: whatever reads it sees it as it is.
  const datasets = pipeline.datasets.filter((dataset) => read.has(dataset.name));
  const listed = await Promise.all(datasets.map((dataset) => listFiles(inside, dataset)));
  const globs = pipeline.steps.flatMap((step) =>
    (step.inputs ?? []).flatMap((input) => (input.kind === 'glob' ? [input.pattern] : [])),
  );
  const found = globs.length === 0 ? [] : await inside.files.glob(globs);
  for (const file of new Set([...listed.flat(), ...found])) if (!recorded.has(file)) await inside.files.remove(file);
}
