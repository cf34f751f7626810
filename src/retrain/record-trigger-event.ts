import type { RetrainReport } from '../domain/decisions/retrain-report.js';
import type { TriggerEvent } from '../domain/decisions/tick.js';
import type { Failure } from '../domain/failure.js';
import type { DecisionId } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { leavesOf } from './judge/evaluate-condition.js';
import { eventTrigger } from './judge/triggers/event.js';
import { newestTraining, pendingEvents } from './measure-conditions.js';
import { type RetrainOptions, retrain } from './retrain.js';

export interface RecordedTriggerEvent {
  readonly event: TriggerEvent;
  /** The event was reported before, under the same id. */
  readonly isKnown: boolean;
  /** The decision that trained for it, if there is one. */
  readonly trainedBy?: DecisionId;
  /** The event needs no training any more. */
  readonly isAnswered: boolean;
  readonly retrain?: RetrainReport;
}

/** Records an event, once for each id. If no training has answered it yet, decides as `retrain` does. */
export async function recordTriggerEvent(
  services: Services,
  pipeline: Pipeline,
  reported: { readonly name: string; readonly key: string; readonly isOnlyRecorded: boolean },
  options: RetrainOptions,
): Promise<Result<RecordedTriggerEvent, Failure>> {
  const unknown = undeclared(pipeline, reported.name);
  if (unknown !== undefined) return err(unknown);
  const { clock, registry, surroundings } = services;
  const isKnown = !registry.triggers.recordEvent({
    pipeline: pipeline.name,
    name: reported.name,
    key: reported.key,
    actor: surroundings.actor(),
    recordedAt: clock.now(),
    now: options.now,
  });
  const event = registry.triggers
    .events(pipeline.name)
    .find((one) => one.name === reported.name && one.key === reported.key);
  if (event === undefined) throw new Error('internal error: an event that was written down is not there');
  const found = { event, isKnown, ...stateOf(services, pipeline, event, options) };
  if (found.isAnswered || reported.isOnlyRecorded) return ok(found);
  const done = await retrain(services, pipeline, options);
  if (!done.ok) return done;
  return ok({ ...found, ...stateOf(services, pipeline, event, options), retrain: done.value });
}

function undeclared(pipeline: Pipeline, name: string): Failure | undefined {
  if (pipeline.retrain === undefined)
    return {
      code: 'section-missing',
      pipeline: pipeline.file,
      section: 'retrain',
      command: 'trigger',
      lines: `retrain: { when: { event: ${name} } }`,
    };
  const declared = leavesOf(pipeline.retrain.when).flatMap((leaf) => (leaf.kind === 'event' ? [leaf.name] : []));
  if (declared.includes(name)) return undefined;
  return {
    code: 'not-found',
    what: `event in "retrain" of ${pipeline.file} called`,
    name,
    available: declared,
    next: `add - { event: ${name} } to its "when", or it would never fire`,
  };
}

function stateOf(
  services: Services,
  pipeline: Pipeline,
  { name, key }: TriggerEvent,
  options: RetrainOptions,
): Pick<RecordedTriggerEvent, 'isAnswered' | 'trainedBy'> {
  const by = services.registry.triggers
    .trained(pipeline.name)
    .find((one) => one.trigger === eventTrigger(name, key) && !one.hasFailed);
  const pending = pendingEvents(services, pipeline, options, newestTraining(services, pipeline, options));
  const isPending = pending[name]?.some((one) => one.key === key) ?? false;
  return { isAnswered: !isPending, trainedBy: by === undefined ? undefined : by.decision };
}
