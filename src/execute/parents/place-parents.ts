import type { Failure } from '../../domain/failure.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { StepParents } from '../../domain/runs/parents.js';
import { ok, type Result } from '../../domain/support/result.js';
import { placedFolders } from '../../models/parents.js';
import { parentNames } from '../../pipeline/starts-from.js';
import { parentsHanded } from './step-parents.js';

type Dependencies = Pick<Services, 'artifacts' | 'files'>;

/** Puts the models that a step starts from in their places, read-only, where they are not there already. */
export async function placeParents(services: Dependencies, parents: StepParents): Promise<Result<void, Failure>> {
  for (const { path, artifact } of parentsHanded(parents)) {
    const here = await services.artifacts.hash([path]);
    if (here.get(path)?.hash === artifact.hash) continue;
    const restored = await services.artifacts.restore(artifact.hash, path, { isReadOnly: true });
    if (!restored.ok) return restored;
  }
  return ok(undefined);
}

/** The places of models that are no longer what was put there. */
export async function movedParents({ artifacts }: Dependencies, parents: StepParents): Promise<readonly string[]> {
  const reads = parentsHanded(parents);
  const now = await artifacts.hash(reads.map((use) => use.path));
  return reads.filter((use) => now.get(use.path)?.hash !== use.artifact.hash).map((use) => use.path);
}

/** What a run has put in place is of no use after it. */
export async function removeParents({ files }: Pick<Services, 'files'>, pipeline: Pipeline): Promise<void> {
  if (pipeline.model !== undefined && pipeline.steps.some((step) => parentNames(step).length > 0))
    for (const folder of placedFolders(pipeline.model.name)) await files.remove(folder);
}
