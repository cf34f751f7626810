import type { Failure } from '../../domain/failure.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { ResourceLimits } from '../../domain/pipeline/resources.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { asksForTooMuch, resourceLimits } from '../../pipeline/parse/sections/limits.js';
import { loadWorkspaceSettings } from '../../pipeline/workspace-settings.js';
import type { Granted } from './scheduler.js';

const GPUS = 'CUDA_VISIBLE_DEVICES';

/** The resources available to steps. Fails if a step asks for more. */
export async function loadLimits(
  services: Pick<Services, 'files' | 'memo' | 'machine' | 'surroundings'>,
  pipeline: Pipeline,
  steps: readonly Step[],
): Promise<Result<ResourceLimits, Failure>> {
  const settings = await loadWorkspaceSettings(services);
  if (!settings.ok) return settings;
  const limits = resourceLimits(settings.value.resources, services.machine(), services.surroundings.variables()[GPUS]);
  if (steps.every((step) => asksForTooMuch(step, limits).length === 0)) return ok(limits);
  const { checkLimits } = await import('../../pipeline/parse/check-limits.js');
  return err({ code: 'invalid-pipeline', diagnostics: checkLimits(pipeline, steps, limits) });
}

/** The services for a step that was given GPUs: only those are visible to it. */
export function withGpus(services: Services, { gpus }: Granted): Services {
  if (gpus.length === 0) return services;
  const { surroundings } = services;
  return {
    ...services,
    surroundings: { ...surroundings, env: () => ({ ...surroundings.env(), [GPUS]: gpus.join(',') }) },
  };
}
