import type { PipelineAct } from '../domain/decisions/tick.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { championOf, isPast } from '../models/champion.js';
import type { Situation } from './judge/decide.js';
import { firedLeaves } from './judge/evaluate-condition.js';
import { unclearSubjects } from './judge/unclear-hold.js';

/** How many of the newest decisions to retrain are read for cooldown, limit and pause. */
const DECISIONS = 1000;
/** How many of the newest suggestions a new one is compared with. */
const SUGGESTIONS = 100;

/** The part of a situation that comes from earlier decisions and people's acts. */
export function pastOf(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  when: When,
): Pick<Situation, 'retrainedAt' | 'failuresInARow' | 'pausedBy' | 'suggested' | 'unclearHolds'> {
  const { decisions, acts } = services.registry;
  const until = isPast(services, pipeline, when) ? { until: when.now } : {};
  const past = decisions.list({ pipeline: pipeline.name, decision: 'retrain', limit: DECISIONS, ...until });
  const [last] = acts.list(pipeline.name).filter((act) => act.kind !== 'review' && act.now <= when.now);
  const resumedAt = last?.kind === 'resume' ? last.actedAt : undefined;
  const counted = past.filter((one) => resumedAt === undefined || one.decidedAt > resumedAt);
  const good = counted.findIndex((one) => hasEndedWell(services, one.id));
  return {
    retrainedAt: past.map((one) => one.now),
    failuresInARow: good < 0 ? counted.length : good,
    suggested: suggestionsOf(services, pipeline, when),
    unclearHolds: unclearHoldsOf(services, pipeline, when),
    ...pausedBy(last),
  };
}

/** Suggestions newest first, only those under the current champion. */
function suggestionsOf(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  when: When,
): NonNullable<Situation['suggested']> {
  const champion = championOf(services, pipeline, when)?.version;
  if (champion === undefined) return [];
  const until = isPast(services, pipeline, when) ? { until: when.now } : {};
  return services.registry.decisions
    .list({ pipeline: pipeline.name, decision: 'suggest', champion, limit: SUGGESTIONS, ...until })
    .map(({ id, now, because }) => ({ id, now, ids: firedLeaves(because).flatMap((leaf) => leaf.ids ?? []) }));
}

/** How many of the newest holds are searched for unclear columns. */
const HOLDS = 200;

/**
 * Holds because of unclear columns. Only those under the current champion count, because a new champion was trained on
 * those rows.
 */
function unclearHoldsOf(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  when: When,
): NonNullable<Situation['unclearHolds']> {
  const champion = championOf(services, pipeline, when)?.version;
  if (champion === undefined) return [];
  const until = isPast(services, pipeline, when) ? { until: when.now } : {};
  return services.registry.decisions
    .list({ pipeline: pipeline.name, decision: 'hold', champion, limit: HOLDS, ...until })
    .map(({ now, because }) => ({ now, subjects: unclearSubjects(because) }))
    .filter((one) => one.subjects.length > 0);
}

/** Whether a decision ended well. A decision without an outcome belongs to a process that died, so it failed. */
function hasEndedWell({ registry }: Pick<Services, 'registry'>, id: Parameters<typeof registry.decisions.outcome>[0]) {
  const outcome = registry.decisions.outcome(id)?.outcome;
  return outcome !== undefined && outcome !== 'failed';
}

const pausedBy = (last: PipelineAct | undefined): Pick<Situation, 'pausedBy'> =>
  last?.kind === 'pause' ? { pausedBy: { actor: last.actor, reason: last.reason, since: last.now } } : {};
