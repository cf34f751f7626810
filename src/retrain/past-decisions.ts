import type { DecisionOutcome, RetrainDecision } from '../domain/decisions/decision.js';
import type { OperatorAction } from '../domain/decisions/tick.js';
import type { DecisionId } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { newestFirst } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { championOf, ledgerUntil } from '../models/champion.js';
import { type Attempt, reasonsOf } from './judge/back-off.js';
import type { Situation } from './judge/decide.js';
import { firedLeaves } from './judge/evaluate-condition.js';
import { unclearSubjects } from './judge/unclear-hold.js';

/** How many of the newest decisions to retrain are read for cooldown, limit and pause. */
const DECISIONS = 1000;
/** How many of the newest suggestions a new one is compared with. */
const SUGGESTIONS = 100;

/** How many trainings without a new champion delay the next one. The last of them by 2 ** 8 ticks, or a week. */
const ATTEMPTS = 9;

type Past = Pick<
  Situation,
  | 'retrainedAt'
  | 'failuresInARow'
  | 'refusalsInARow'
  | 'refusedBy'
  | 'attempts'
  | 'pausedBy'
  | 'suggested'
  | 'unclearHolds'
>;

/**
 * The part of a situation that comes from earlier decisions and what operators did. What the ledger has after `now` (of a
 * past moment that is asked about, or of a machine whose clock was ahead) has not happened yet.
 */
export function pastOf(services: Pick<Services, 'registry' | 'clock'>, pipeline: Pipeline, when: When): Past {
  const { decisions } = services.registry;
  const past = decisions.list({
    pipeline: pipeline.name,
    decision: 'retrain',
    limit: DECISIONS,
    until: when.now,
  });
  const last = lastPauseOrResume(services, pipeline, when);
  const resumedAt = last?.kind === 'resume' ? last.actedAt : undefined;
  const counted = past.filter((one) => resumedAt === undefined || one.decidedAt > resumedAt);
  const good = counted.findIndex((one) => hasEndedWell(services, one.id));
  const { attempts, refusalsInARow, refusedBy } = attemptsOf(services, pipeline, when, counted);
  return {
    retrainedAt: past.map((one) => one.now),
    failuresInARow: good < 0 ? counted.length : good,
    refusalsInARow,
    refusedBy,
    attempts,
    suggested: suggestionsOf(services, pipeline, when),
    unclearHolds: unclearHoldsOf(services, pipeline, when),
    ...pausedBy(last),
  };
}

function lastPauseOrResume(services: Pick<Services, 'registry' | 'clock'>, pipeline: Pipeline, when: When) {
  const { until } = ledgerUntil(services, pipeline, when);
  const actions = services.registry.operatorActions.list(pipeline.name);
  return newestFirst(actions, (action) => action.actedAt, services.clock.now()).find(
    (action) => action.kind !== 'review' && (until === undefined || action.now <= until),
  );
}

/** The newest trainings without a new champion, up to the last one that ended otherwise. */
function attemptsOf(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
  trainings: readonly RetrainDecision[],
): { readonly attempts: readonly Attempt[]; readonly refusalsInARow: number; readonly refusedBy?: string } {
  const { registry } = services;
  const outcomes = trainings.map((one) => endOf(registry, one));
  const end = outcomes.findIndex((outcome) => outcome !== 'gate-refused' && outcome !== 'failed');
  const inARow = trainings.slice(0, end < 0 ? trainings.length : end);
  const delaying = inARow.filter((one) => isOfSameFile(registry, pipeline, one)).slice(0, ATTEMPTS);
  const ticks = delaying.length === 0 ? [] : newestTicks(services, pipeline, when);
  const refused = inARow.find((_, i) => outcomes[i] === 'gate-refused');
  return {
    refusedBy: refused === undefined ? undefined : failedChecks(registry, refused),
    refusalsInARow: inARow.filter((_, i) => outcomes[i] === 'gate-refused').length,
    attempts: delaying.map((one) => {
      const since = ticks.indexOf(one.id);
      return {
        decision: one.id,
        now: one.now,
        outcome: outcomes[trainings.indexOf(one)] === 'gate-refused' ? 'refused' : 'failed',
        reasons: reasonsOf(one),
        ticksSince: since < 0 ? ticks.length : since,
      };
    }),
  };
}

/** A training that made the champion again, which does not keep the gate's limits any more, is refused like another. */
export function endOf(
  { decisions, models }: Services['registry'],
  { id }: Pick<RetrainDecision, 'id'>,
): DecisionOutcome['outcome'] {
  const { outcome = 'failed', gate } = decisions.outcome(id) ?? {};
  if (outcome !== 'nothing-new' || gate === undefined) return outcome;
  return models.gateVerdict(gate)?.verdict === 'fail' ? 'gate-refused' : outcome;
}

/** `score >= 10: it is 5`, for each check that the candidate failed. */
function failedChecks({ decisions, models }: Services['registry'], { id }: RetrainDecision): string | undefined {
  const gate = decisions.outcome(id)?.gate;
  const checks = gate === undefined ? [] : (models.gateVerdict(gate)?.checks ?? []);
  const failed = checks.filter((check) => check.verdict === 'fail').map(({ name, detail }) => `${name}: ${detail}`);
  return failed.length === 0 ? undefined : failed.join('; ');
}

/** Whether a training was made with the pipeline file as it is. Another gate or other parameters may change the answer. */
function isOfSameFile(
  { decisions, runs }: Services['registry'],
  { text }: Pipeline,
  { id }: Pick<RetrainDecision, 'id'>,
): boolean {
  const run = decisions.outcome(id)?.run;
  const definition = run === undefined ? undefined : runs.get(run)?.definitionHash;
  return definition === undefined || runs.definition(definition) === text;
}

/** Whether the gate refused the candidate of a training, and the pipeline file has changed since. */
export const isRefusedByOldFile = (registry: Services['registry'], pipeline: Pipeline, id: DecisionId): boolean =>
  endOf(registry, { id }) === 'gate-refused' && !isOfSameFile(registry, pipeline, { id });

/** Ids of the newest decisions, newest first, as many as the longest back-off has ticks. */
const newestTicks = (services: Pick<Services, 'registry'>, pipeline: Pipeline, when: When): readonly DecisionId[] =>
  services.registry.decisions
    .list({ pipeline: pipeline.name, limit: 2 ** ATTEMPTS, until: when.now })
    .map((one) => one.id);

/** Suggestions newest first, only those under the current champion. */
function suggestionsOf(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
): NonNullable<Situation['suggested']> {
  const champion = championOf(services, pipeline, when)?.version;
  if (champion === undefined) return [];
  return services.registry.decisions
    .list({
      pipeline: pipeline.name,
      decision: 'suggest',
      champion,
      limit: SUGGESTIONS,
      until: when.now,
    })
    .map(({ id, now, because }) => ({ id, now, ids: firedLeaves(because).flatMap((leaf) => leaf.ids ?? []) }));
}

/** How many of the newest holds are searched for unclear columns. */
const HOLDS = 200;

/**
 * Holds because of unclear columns. Only those under the current champion count, because a new champion was trained on
 * those rows.
 */
function unclearHoldsOf(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
): NonNullable<Situation['unclearHolds']> {
  const champion = championOf(services, pipeline, when)?.version;
  if (champion === undefined) return [];
  return services.registry.decisions
    .list({
      pipeline: pipeline.name,
      decision: 'hold',
      champion,
      limit: HOLDS,
      until: when.now,
    })
    .map(({ now, because }) => ({ now, subjects: unclearSubjects(because) }))
    .filter((one) => one.subjects.length > 0);
}

/** Whether a decision ended well. A decision without an outcome belongs to a process that died, so it failed. */
function hasEndedWell({ registry }: Pick<Services, 'registry'>, id: Parameters<typeof registry.decisions.outcome>[0]) {
  const outcome = registry.decisions.outcome(id)?.outcome;
  return outcome !== undefined && outcome !== 'failed';
}

const pausedBy = (last: OperatorAction | undefined): Pick<Situation, 'pausedBy'> =>
  last?.kind === 'pause' ? { pausedBy: { actor: last.actor, reason: last.reason, since: last.now } } : {};
