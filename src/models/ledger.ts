import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { toIso } from '../domain/support/time.js';
import type { When } from '../domain/when.js';

/** A failure if `now` lies before the last decision. Ages and cooldowns are counted along the ledger's time. */
export function goesBackward(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  { now }: When,
): Failure | undefined {
  const [last] = services.registry.decisions.list({ pipeline: pipeline.name, limit: 1 });
  return last === undefined || now >= last.now
    ? undefined
    : { code: 'now-before-last-decision', now: toIso(now), last: toIso(last.now) };
}
