import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { Result } from '../domain/support/result.js';
import { declaredNames } from '../pipeline/load-pipeline.js';
import { withPipelineLock } from '../serving/pipeline-lock.js';

/** Lock against two pushes or pulls at once in a workspace. No pipeline can have this name. */
const EXCHANGE = '.remotes';

/** Takes the lock of every pipeline, repairs what crashes left, then runs `work`, so that nothing runs or publishes meanwhile. */
export async function holdEvery<T>(
  services: Services,
  waitMs: number | undefined,
  work: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const named = await declaredNames(services);
  const names = [...new Set([EXCHANGE, ...services.registry.runs.pipelines(), ...named])].sort();
  const hold = async (i: number): Promise<Result<T, Failure>> => {
    const name = names[i];
    return name === undefined
      ? work()
      : withPipelineLock(services, { name: name as PipelineName }, waitMs, () => hold(i + 1));
  };
  return hold(0);
}
