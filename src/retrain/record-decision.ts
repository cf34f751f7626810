import type { EvaluatedCondition, RetrainDecision } from '../domain/decisions/decision.js';
import type { DecisionId } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { firedLeaves } from './judge/evaluate-condition.js';
import { eventTrigger } from './judge/triggers/event.js';

type NewDecision = Omit<RetrainDecision, 'id'>;

/**
 * Appends the decision with the triggers that it trains for. If another process has just taken one of them, the
 * decision is recorded as a wait.
 */
export function recordDecision(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  decision: NewDecision,
): { readonly id: DecisionId; readonly decision: NewDecision } {
  const { decisions } = services.registry;
  const triggers = decision.decision === 'retrain' ? triggersOf(services, pipeline, decision) : [];
  const id = decisions.record(decision, triggers);
  if (id !== undefined) return { id, decision };
  const lost: NewDecision = {
    ...decision,
    decision: 'wait',
    because: { condition: 'all', state: 'not-fired', of: [decision.because, TAKEN] },
    summary: `${decision.summary}, but another process trains for it`,
  };
  const waiting = decisions.record(lost);
  if (waiting === undefined) throw new Error('internal error: a decision that trains for nothing was refused');
  return { id: waiting, decision: lost };
}

const TAKEN: EvaluatedCondition = {
  condition: 'taken',
  state: 'not-fired',
  detail: 'another process has recorded this trigger first',
};

/**
 * The triggers with the number of failed attempts, this one included. A further attempt is a new row; the same attempt
 * twice is refused.
 */
function triggersOf(services: Pick<Services, 'registry'>, pipeline: Pipeline, decision: NewDecision) {
  const { triggers } = services.registry;
  const trained = triggers.trained(pipeline.name);
  const taken = new Set(trained.filter((one) => !one.hasFailed).map((one) => one.trigger));
  const fired = decision.conditions === undefined ? [] : firedLeaves(decision.conditions);
  // A training also answers every event that was reported before it.
  const reported = triggers.events(pipeline.name).map((event) => eventTrigger(event.name, event.key));
  const ids = new Set([...fired.flatMap((leaf) => leaf.ids ?? []), ...reported.filter((id) => !taken.has(id))]);
  return [...ids].map((trigger) => ({
    trigger,
    attempt: 1 + trained.filter((one) => one.trigger === trigger).length,
  }));
}
