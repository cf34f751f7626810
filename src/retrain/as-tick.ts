import type { RetrainReport } from '../domain/decisions/retrain-report.js';
import type { TickEnd } from '../domain/decisions/tick.js';
import type { Failure } from '../domain/failure.js';
import type { TickId } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Result } from '../domain/support/result.js';
import { messageOf } from '../domain/support/system-error.js';
import type { When } from '../domain/when.js';

/** Runs one call of `retrain`, and records that it happened and how it ended. */
export async function asTick(
  services: Services,
  pipeline: Pipeline,
  when: When,
  work: () => Promise<Result<RetrainReport, Failure>>,
): Promise<Result<RetrainReport, Failure>> {
  const { clock, registry, surroundings } = services;
  const tick = registry.ticks.start({
    pipeline: pipeline.name,
    actor: surroundings.actor(),
    startedAt: clock.now(),
    now: when.now,
  });
  try {
    const done = await work();
    end(services, tick, done.ok ? endOf(done.value) : problemOf(done.error));
    return done;
  } catch (bug) {
    end(services, tick, { problem: 'bug', detail: messageOf(bug) });
    throw bug;
  }
}

const end = ({ registry, clock }: Services, tick: TickId, how: Omit<TickEnd, 'endedAt'>): void =>
  registry.ticks.finish(tick, { ...how, endedAt: clock.now() });

function endOf({ decision, outcome, result, failure }: RetrainReport): Omit<TickEnd, 'endedAt'> {
  const base = decision.id === undefined ? {} : { decision: decision.id };
  if (outcome !== 'failed') return base;
  const first = failure ?? result?.failure ?? result?.report.failures[0];
  return { ...base, problem: first?.code ?? 'failed', ...detailOf(first) };
}

const problemOf = (failure: Failure): Omit<TickEnd, 'endedAt'> => ({ problem: failure.code, ...detailOf(failure) });

/** The facts of a failure without prose, which the renderer adds. The end of a step's log stays in its log. */
function detailOf(failure: Failure | undefined): Pick<TickEnd, 'detail'> {
  if (failure === undefined || failure.code === 'busy') return {};
  return { detail: JSON.stringify(failure, (key, value) => (key === 'tail' ? undefined : value)) };
}
