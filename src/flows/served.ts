import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/result.js';
import type { Instant } from '../domain/time.js';
import type { View } from '../domain/view.js';
import { servedView } from '../report/served-view.js';
import { findModel } from './find-model.js';
import { CHAMPION } from './reference.js';

/** What a model served at a moment, since when and until when, and the ledger up to then. */
export function served(services: Pick<Services, 'registry'>, name: string, at: Instant): Result<View, Failure> {
  const model = findModel(services, name);
  if (!model.ok) return model;
  const { models } = services.registry;
  const move = models.aliasAt(model.value, CHAMPION, at);
  const next = models
    .moves(model.value)
    .find((one) => one.alias === CHAMPION && one.generation === (move?.generation ?? 0) + 1);
  const entries = models.ledger(model.value);
  return ok(
    servedView({
      model: model.value,
      at,
      entries,
      ...(move === undefined ? {} : { move }),
      ...(move === undefined || next === undefined ? {} : { until: next.now }),
    }),
  );
}
