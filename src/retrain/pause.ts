import type { OperatorAction } from '../domain/decisions/tick.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import type { When } from '../domain/when.js';
import { pauseView } from './views/pause-view.js';

/** Records that a person paused, resumed or reviewed a pipeline. */
export async function recordOperatorAction(
  services: Pick<Services, 'registry' | 'clock' | 'surroundings'>,
  pipeline: Pipeline,
  done: Pick<OperatorAction, 'kind' | 'reason'> & When,
): Promise<Result<View, Failure>> {
  const { clock, registry, surroundings } = services;
  const written: OperatorAction = {
    pipeline: pipeline.name,
    kind: done.kind,
    reason: done.reason,
    actor: surroundings.actor(),
    actedAt: clock.now(),
    now: done.now,
  };
  registry.operatorActions.record(written);
  return ok(pauseView(written, pipeline));
}
