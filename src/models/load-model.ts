import type { Failure } from '../domain/failure.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { loadPipeline } from '../pipeline/load-pipeline.js';
import { findVersion } from './find-version.js';

/** A version by `model@version`, with the pipeline that made it as its file is today. */
export async function loadModel(
  services: Services,
  subject: string,
): Promise<Result<{ readonly pipeline: Pipeline; readonly version: ModelVersion }, Failure>> {
  const version = findVersion(services, subject);
  const { models, runs } = services.registry;
  if (version === undefined)
    return err({
      code: 'not-found',
      what: 'model version',
      name: subject,
      available: models.names().flatMap((name) => models.versions(name).map((one) => `${name}@${one.version}`)),
      next: '"refit run" registers versions',
    });
  const run = runs.get(version.run);
  const loaded = await loadPipeline(
    services,
    run?.file ?? version.model,
    run?.profile === undefined ? {} : { profile: run.profile },
  );
  return loaded.ok ? ok({ pipeline: loaded.value.pipeline, version }) : loaded;
}
