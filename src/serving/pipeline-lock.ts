import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Lock, Locks } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { recover } from '../execute/recover.js';
import { recoverPublish } from './publish/recover-publish.js';
import { renewPointer } from './publish/renew-current-json.js';
import { sweepPublication } from './publish/sweep-publication.js';
import { refuseRewound } from './rewound-registry.js';
import { refuseTakenPlace } from './taken-place.js';

/** Lock against two pushes or pulls at once in a workspace. No pipeline can have this name. */
export const EXCHANGE = '.remotes' as PipelineName;

/** Runs `work` under the pipeline's lock, after repairing what a crash left. */
export async function withPipelineLock<T>(
  services: Services,
  pipeline: Pipeline | Pick<Pipeline, 'name'>,
  waitMs: number | undefined,
  work: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const lock = await takeLock(services, pipeline, { waitMs, take: services.locks.lockPipeline });
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
 * Completes or gives up publications that a killed command left open. If the whole pipeline is known, also refuses a registry
 * that is older than what it published, and a folder from which another pipeline's model serves, and runs the hooks that are
 * still owed.
 */
export async function settlePublications(
  services: Services,
  pipeline: Pipeline | Pick<Pipeline, 'name'>,
): Promise<Result<void, Failure>> {
  await recoverPublish(services, pipeline.name);
  if (!('model' in pipeline) || pipeline.model === undefined) return ok(undefined);
  const current = await refuseRewound(services, pipeline);
  if (!current.ok) return current;
  const own = await refuseTakenPlace(services, pipeline);
  if (!own.ok) return own;
  await sweepPublication(services, pipeline);
  await renewPointer(services, pipeline);
  if (services.registry.models.owedHooks(pipeline.model.name).length === 0) return ok(undefined);
  const { deliverOwed } = await import('./deliver-hooks.js');
  return deliverOwed(services, pipeline);
}

/** Reports whom it waits for. If it does not wait, the failure names the run that is in the way. */
export async function takeLock(
  services: Services,
  { name }: Pick<Pipeline, 'name'>,
  { waitMs, take }: { readonly waitMs: number | undefined; readonly take: Locks['lockPipeline'] },
): Promise<Result<Lock, Failure>> {
  const first = await take(name);
  if (first.ok || first.error.code !== 'busy') return first;
  const run = livingRun(services, name);
  const busy = {
    ...first.error,
    ...(run === undefined ? {} : { run: run.id }),
    holder: first.error.holder ?? (run === undefined ? undefined : `process ${run.process.pid}`),
  };
  if (waitMs === undefined) return err(busy);
  services.emit({ type: 'phase', text: `waiting for ${busy.holder ?? 'another process'}, which works on ${name}` });
  return take(name, waitMs);
}

/** The newest run of the pipeline that is recorded as running; of those that share it, one whose process is alive. */
function livingRun({ registry, locks }: Services, name: PipelineName): Run | undefined {
  const running = registry.runs.list({ pipeline: name, status: 'running', limit: 20 });
  return running.find(({ id }) => locks.isRunHeld(id)) ?? running[0];
}
