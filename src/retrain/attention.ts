import type { Attention, Care } from '../domain/decisions/attention.js';
import type { RetrainDecision } from '../domain/decisions/decision.js';
import type { OperatorAction } from '../domain/decisions/tick.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { newestFirst } from '../domain/support/time.js';
import type { When } from '../domain/when.js';
import { expectedInterval } from './judge/expected-interval.js';

/** How many of the latest ticks the usual interval is computed from. */
const TICKS = 21;
const MOST_TICKS = 200;
/** A pipeline is silent after this many intervals without a tick. */
const LATE = 2;

/** The owner of a pipeline, and when a person last acted on it. */
export function careOf(
  { registry, clock }: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  when: When,
): Care {
  const last = registry.operatorActions.lastHumanAction(pipeline.name, pipeline.model?.name, clock.now());
  const lastAt = last === undefined ? undefined : when.isNowGiven ? last.now : last.at;
  const ageMs = lastAt === undefined ? undefined : Math.max(0, when.now - lastAt);
  const isDue = pipeline.reviewEveryMs !== undefined && (ageMs ?? Number.POSITIVE_INFINITY) > pipeline.reviewEveryMs;
  return {
    owner: pipeline.owner,
    reviewEveryMs: pipeline.reviewEveryMs,
    ...(last === undefined || ageMs === undefined ? {} : { reviewed: { ...last, ageMs } }),
    isReviewDue: isDue,
  };
}

/** What needs a person's attention: pauses, holds and suggestions, then silence. */
export function attentionFor(
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  decision: RetrainDecision | undefined,
  when: When,
): Attention {
  const { ticks, operatorActions } = services.registry;
  // By the wall clock, a call in its future comes from a machine whose clock was ahead.
  const last = ticks
    .list(pipeline.name, MOST_TICKS)
    .filter((tick) => when.isNowGiven || tick.startedAt <= when.now)
    // A call that was refused because its --now was too early is not the newest one of the ledger's time.
    .sort((a, b) => (when.isNowGiven ? b.now - a.now : 0))
    .slice(0, TICKS);
  const [newest] = last;
  const declaredMs = pipeline.retrain?.tickMs;
  const everyMs = declaredMs ?? expectedInterval(last.map((tick) => (when.isNowGiven ? tick.now : tick.startedAt)));
  const ageMs =
    newest === undefined ? undefined : Math.max(0, when.now - (when.isNowGiven ? newest.now : newest.startedAt));
  const [action] = newestFirst(operatorActions.list(pipeline.name), (one) => one.actedAt, services.clock.now()).filter(
    (one) => one.kind !== 'review' && (when.isNowGiven || one.actedAt <= when.now),
  );
  const isWatched = pipeline.retrain !== undefined && everyMs !== undefined;
  return {
    ...pauseOf(action, decision),
    ...(decision?.decision === 'hold' ? { held: decision.summary } : {}),
    ...(decision !== undefined && isSuggesting(decision) ? { suggested: decision.summary } : {}),
    ...(newest === undefined || ageMs === undefined ? {} : { tick: { ...newest, ageMs } }),
    everyMs,
    isEveryDeclared: declaredMs !== undefined,
    isSilent: isWatched && (ageMs ?? Number.POSITIVE_INFINITY) > LATE * everyMs,
  };
}

/** Whether the decision suggests a training, or repeats that an earlier suggestion still stands. */
const isSuggesting = ({ decision, because }: RetrainDecision): boolean =>
  decision === 'suggest' || because.of?.some((one) => one.condition === 'suggested') === true;

function pauseOf(action: OperatorAction | undefined, decision: RetrainDecision | undefined): Pick<Attention, 'paused'> {
  if (action?.kind === 'pause') return { paused: { by: action } };
  const isOver = action !== undefined && decision !== undefined && action.actedAt > decision.decidedAt;
  return decision?.decision === 'paused' && !isOver ? { paused: { because: decision.summary } } : {};
}
