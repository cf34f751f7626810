import { datasetSize } from '../data/datasets/new-data.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Generation } from '../domain/models/version-lineage.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import { parentsOf } from '../models/parents.js';

type Dependencies = Pick<Services, 'registry'>;

const nameOf = ({ model, version }: ModelVersion): string => `${model}@${version}`;

/**
 * A version and all versions that it was trained on from, newest first. Empty for a version that was trained from zero: it is its
 * own only generation.
 */
export function ancestryOf(services: Dependencies, version: ModelVersion): readonly Generation[] {
  if (parentsOf(services, version).length === 0) return [];
  const found = new Map<string, ModelVersion>();
  const waiting = [version];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.has(nameOf(next))) continue;
    found.set(nameOf(next), next);
    waiting.push(...parentsOf(services, next));
  }
  const oldestFirst = [...found.values()].reverse();
  const read = new Set<string>();
  return oldestFirst.flatMap((one) => generationOf(services, one, read)).reverse();
}

/** `read`: hashes of the data that earlier generations read; the generation's own are added. */
function generationOf(services: Dependencies, version: ModelVersion, read: Set<string>): readonly Generation[] {
  const { runs } = services.registry;
  const run = runs.get(version.run);
  if (run === undefined) return [];
  const datasets = new Map<string, Map<string, ArtifactUse>>();
  for (const { id } of runs.executions(run.id))
    for (const use of runs.uses(id).reads) {
      if (use.dataset === undefined) continue;
      const files = datasets.get(use.dataset) ?? new Map<string, ArtifactUse>();
      datasets.set(use.dataset, files.set(use.path, use));
    }
  const data = [...datasets].map(([dataset, files]) => ({
    dataset,
    files: [...files.values()],
    newFiles: [...files.values()].filter((use) => !read.has(use.artifact.hash)).length,
    rows: datasetSize(services, run.id, dataset),
  }));
  for (const { files } of data) for (const use of files) read.add(use.artifact.hash);
  return [
    {
      model: version.model,
      version: version.version,
      run: run.id,
      trainedAt: run.now,
      parents: parentsOf(services, version).map(nameOf),
      data,
    },
  ];
}
