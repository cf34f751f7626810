import type { FutureDecision } from '../domain/decisions/decision.js';
import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { instantOf, MINUTE_MS, toIso } from '../domain/support/time.js';
import type { When } from '../domain/when.js';

/**
 * A failure if a given `now` lies before the last decision. Ages and cooldowns are counted along the ledger's time. The
 * wall clock is never refused: decisions in its future come from a machine whose clock was ahead.
 */
export function goesBackward(
  { registry, clock }: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  { now, isNowGiven }: When,
): Failure | undefined {
  if (!isNowGiven) return undefined;
  const [last] = registry.decisions.list({ pipeline: pipeline.name, limit: 1, decidedUntil: clock.now() });
  return last === undefined || now >= last.now
    ? undefined
    : { code: 'now-before-last-decision', now: toIso(now), last: toIso(last.now) };
}

/** Clocks of two machines may differ by so much. */
const TOLERANCE_MS = MINUTE_MS;
const MOST = 100;

/**
 * Decisions in the future of the clock, newest first. They decide nothing until then. Both times of a decision lie in
 * the future if the clock of its machine was ahead; only its `now` does if a person gave a later `--now`.
 */
export function futureDecisions(
  { registry, clock }: Pick<Services, 'registry' | 'clock'>,
  pipeline: PipelineName,
): readonly FutureDecision[] {
  const since = instantOf(clock.now() + TOLERANCE_MS);
  return registry.decisions
    .list({ pipeline, since, limit: MOST })
    .map((one) => ({ ...one, cause: one.decidedAt > since ? 'clock-ahead' : 'simulated' }));
}
