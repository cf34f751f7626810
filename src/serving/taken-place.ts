import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { readablePipelines, sharedNames } from '../pipeline/shared-names.js';
import { readPublished } from './rewound-registry.js';

/**
 * Refuses a pipeline that would publish where the model of another pipeline serves, or below. Only the second is refused: the
 * first must go on, whatever a new file declares. A pipeline whose model was renamed keeps its folder.
 */
export async function refuseTakenPlace(
  services: Pick<Services, 'files' | 'memo' | 'registry' | 'warn' | 'datasets'>,
  pipeline: Pipeline,
): Promise<Result<void, Failure>> {
  const { model } = pipeline;
  if (model?.publish === undefined || !(await isServedByAnother(services, model.publish.path, model.name)))
    return ok(undefined);
  const all = await readablePipelines(services);
  const diagnostics = sharedNames(pipeline, all).filter(({ code }) => code === 'publish-path-taken');
  return diagnostics.length === 0 ? ok(undefined) : err({ code: 'invalid-pipeline', diagnostics });
}

/** Whether another model serves from the folder or from one above it. */
async function isServedByAnother(services: Pick<Services, 'files'>, path: string, model: string): Promise<boolean> {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const published = await readPublished(services, path.slice(0, end));
    if (published !== undefined && published.model !== model) return true;
  }
  return false;
}
