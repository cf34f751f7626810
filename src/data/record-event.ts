import type { NamedEvent } from '../domain/data/named-event.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { eventView } from './views/event-view.js';

/** Records a named span of time of a pipeline; it may lie in the past or in the future. */
export function recordEvent(
  services: Pick<Services, 'registry' | 'clock' | 'surroundings'>,
  pipeline: Pipeline,
  given: Pick<NamedEvent, 'name' | 'from' | 'until' | 'effect'>,
): Result<View, Failure> {
  const event: NamedEvent = {
    pipeline: pipeline.name,
    name: given.name,
    from: given.from,
    until: given.until,
    effect: given.effect,
    actor: services.surroundings.actor(),
    recordedAt: services.clock.now(),
  };
  services.registry.events.record(event);
  return ok(eventView(event, services.registry.events.list(pipeline.name)));
}
