import type { Failure } from '../domain/failure.js';
import type { ModelName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { CHAMPION } from '../models/champion.js';
import { declaredPipelines, newerHeld } from './judge-pulled.js';
import { servePulled } from './publish/serve-recorded.js';
import { readPublished } from './rewound-registry.js';
import { refuseTakenPlace } from './taken-place.js';

export interface Served {
  readonly model: string;
  readonly version: number;
  readonly path: string;
}

/**
 * Points the published folders at the champions that other machines promoted. Only the pipeline of this workspace says
 * where a model is published.
 */
export async function serveAll(services: Services): Promise<Result<readonly Served[], Failure>> {
  const { models, upkeep } = services.registry;
  const published = new Set(upkeep.publications().map(({ model, path }) => `${model} ${path}`));
  const served: Served[] = [];
  for (const [model, pipeline] of await declaredPipelines(services)) {
    if (pipeline === 'invalid') {
      services.emit({
        type: 'warning',
        code: 'pipeline-invalid',
        text: `the pipeline ${model} cannot be read, so what it publishes was left as it is: refit validate ${model}, then repeat the command`,
      });
      continue;
    }
    const spec = pipeline.model?.publish;
    const move = pipeline.model === undefined ? undefined : models.alias(pipeline.model.name, CHAMPION);
    const version = move === undefined ? undefined : models.get({ model: move.model, version: move.to });
    if (spec === undefined || move === undefined || version === undefined) continue;
    if (!models.isPulled(move) && !published.has(`${model} ${spec.path}`)) continue;
    const own = await refuseTakenPlace(services, pipeline);
    if (!own.ok) return own;
    const done = await servePulled(services, version, { path: spec.path, move });
    if (!done.ok) return done;
    if (done.value) served.push({ model, version: version.version, path: spec.path });
  }
  return ok(served);
}

/**
 * Whether a merge has brought a move that was not judged or not served yet: the command was killed before it had done that. The
 * pointer is written last, so it has the generation of what was served completely.
 */
export async function isServingBehind(services: Services): Promise<boolean> {
  if (newerHeld(services).some(({ because }) => because === 'unjudged')) return true;
  const { models } = services.registry;
  for (const [model, pipeline] of await declaredPipelines(services)) {
    const spec = pipeline === 'invalid' ? undefined : pipeline.model?.publish;
    const move = spec === undefined ? undefined : models.alias(model as ModelName, CHAMPION);
    if (spec === undefined || move === undefined || !models.isPulled(move)) continue;
    const published = await readPublished(services, spec.path);
    const generation = published?.model === model ? published.generation : undefined;
    if ((generation ?? 0) < move.generation) return true;
  }
  return false;
}
