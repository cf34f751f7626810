import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Lock } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { recover } from '../execute/recover.js';
import { recoverPublish } from './publish/recover-publish.js';
import { renewPointer } from './publish/renew-current-json.js';
import { sweepPublication } from './publish/sweep-publication.js';

/** Lock against two pushes or pulls at once in a workspace. No pipeline can have this name. */
export const EXCHANGE = '.remotes' as PipelineName;

/** Runs `work` under the pipeline's lock, after repairing what a crash left. */
export async function withPipelineLock<T>(
  services: Services,
  pipeline: Pipeline | Pick<Pipeline, 'name'>,
  waitMs: number | undefined,
  work: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const lock = await takeLock(services, pipeline, waitMs);
  if (!lock.ok) return lock;
  try {
    const recovered = await recover(services, pipeline);
    if (!recovered.ok) return recovered;
    const settled = await settlePublications(services, pipeline);
    return settled.ok ? await work() : settled;
  } finally {
    lock.value.release();
  }
}

/**
 * Completes or gives up publications that a killed command left open. If the whole pipeline is known, also runs the
 * hooks that are still owed.
 */
async function settlePublications(
  services: Services,
  pipeline: Pipeline | Pick<Pipeline, 'name'>,
): Promise<Result<void, Failure>> {
  await recoverPublish(services, pipeline.name);
  if (!('model' in pipeline) || pipeline.model === undefined) return ok(undefined);
  await sweepPublication(services, pipeline);
  await renewPointer(services, pipeline);
  if (services.registry.models.owedHooks(pipeline.model.name).length === 0) return ok(undefined);
  const { deliverOwed } = await import('./deliver-hooks.js');
  return deliverOwed(services, pipeline);
}

/** Reports whom it waits for. If it does not wait, the failure names the run that holds the lock. */
async function takeLock(
  services: Services,
  { name }: Pick<Pipeline, 'name'>,
  waitMs: number | undefined,
): Promise<Result<Lock, Failure>> {
  const first = await services.locks.lockPipeline(name);
  if (first.ok || first.error.code !== 'busy') return first;
  const [run] = services.registry.runs.list({ pipeline: name, status: 'running', limit: 1 });
  const busy = { ...first.error, ...(run === undefined ? {} : { run: run.id }) };
  if (waitMs === undefined) return err(busy);
  services.emit({ type: 'phase', text: `waiting for ${busy.holder ?? 'another process'}, which works on ${name}` });
  return services.locks.lockPipeline(name, waitMs);
}
