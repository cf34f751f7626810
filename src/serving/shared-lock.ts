import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Result } from '../domain/support/result.js';
import { recover } from '../execute/recover.js';
import type { Sharing } from '../execute/sharing/sharing.js';
import { settlePublications, takeLock } from './pipeline-lock.js';

/**
 * Runs `work` beside other runs of the pipeline, after repairing what a crash left. Whatever moves an alias holds the pipeline
 * alone, so it goes on before or after.
 */
export async function withSharedLock<T>(
  services: Services,
  pipeline: Pipeline,
  waitMs: number | undefined,
  work: (sharing: Sharing) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const { locks, registry, clock } = services;
  const shared = await takeLock(services, pipeline, { waitMs, take: locks.sharePipeline });
  if (!shared.ok) return shared;
  const run = registry.runs.newId(clock.now());
  try {
    const own = await locks.lockRun(pipeline.name, run);
    if (!own.ok) return own;
    try {
      const mended = await mend(services, pipeline, () => settlePublications(services, pipeline));
      if (!mended.ok) return mended;
      const opened = await locks.openSteps(pipeline.name, run);
      if (!opened.ok) return opened;
      const steps = opened.value;
      try {
        return await work({ pipeline: pipeline.name, run, steps, waitMs, mend: () => mend(services, pipeline) });
      } finally {
        steps.close();
      }
    } finally {
      own.value.release();
    }
  } finally {
    shared.value.release();
  }
}

/** One at a time: of several runs that find what a dead one left, the first repairs it. */
async function mend(
  services: Services,
  pipeline: Pipeline,
  more?: () => Promise<Result<void, Failure>>,
): Promise<Result<void, Failure>> {
  const lock = await services.locks.lockRepair(pipeline.name);
  if (!lock.ok) return lock;
  try {
    const recovered = await recover(services, pipeline);
    return recovered.ok && more !== undefined ? await more() : recovered;
  } finally {
    lock.value.release();
  }
}
