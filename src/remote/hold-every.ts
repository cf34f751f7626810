import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { Result } from '../domain/support/result.js';
import { declaredNames } from '../pipeline/load-pipeline.js';
import { EXCHANGE, withPipelineLock } from '../serving/pipeline-lock.js';

/** Runs one push or pull at a time. Pipelines go on meanwhile, so that a slow network delays no training. */
export const holdExchange = <T>(
  services: Services,
  waitMs: number | undefined,
  work: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> => withPipelineLock(services, { name: EXCHANGE }, waitMs, work);

/**
 * Takes the lock of every pipeline, repairs what crashes left, then runs `work`, so that nothing runs or publishes meanwhile.
 * `work` must not wait for the network.
 */
export async function holdEvery<T>(
  services: Services,
  waitMs: number | undefined,
  work: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const named = await declaredNames(services);
  const names = [...new Set([...services.registry.runs.pipelines(), ...named])].sort();
  const hold = async (i: number): Promise<Result<T, Failure>> => {
    const name = names[i];
    return name === undefined
      ? work()
      : withPipelineLock(services, { name: name as PipelineName }, waitMs, () => hold(i + 1));
  };
  return hold(0);
}
