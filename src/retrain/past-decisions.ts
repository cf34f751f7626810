import type { PipelineAct } from '../domain/decisions/tick.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { When } from '../domain/when.js';
import { championOf, isPast } from '../models/reference.js';
import type { Situation } from './judge/decide.js';
import { firedLeaves } from './judge/evaluate-condition.js';
import { unclearSubjects } from './judge/unclear-hold.js';

/** Newest decisions to retrain that cooldown, limit and pause look at. */
const DECISIONS = 1000;
/** Newest suggestions that a new one is compared with. */
const SUGGESTIONS = 100;

/** What earlier decisions, and humans, have to say in a new one. */
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

/** Newest first; a new champion is another question. */
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

/** Newest holds that are looked through for unclear columns. */
const HOLDS = 200;

/** Holds for unclear columns; a new champion has seen those rows, so only the present one's count. */
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

/** A decision without an outcome belongs to a process that died: it has failed too. */
function hasEndedWell({ registry }: Pick<Services, 'registry'>, id: Parameters<typeof registry.decisions.outcome>[0]) {
  const outcome = registry.decisions.outcome(id)?.outcome;
  return outcome !== undefined && outcome !== 'failed';
}

const pausedBy = (last: PipelineAct | undefined): Pick<Situation, 'pausedBy'> =>
  last?.kind === 'pause' ? { pausedBy: { actor: last.actor, reason: last.reason, since: last.now } } : {};
