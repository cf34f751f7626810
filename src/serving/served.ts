import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import { CHAMPION } from '../models/champion.js';
import { findModel } from '../models/find-model.js';
import { servedView } from './views/served-view.js';

/** The version that a model served at a time, its serving period, and the ledger up to that time. */
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
      move,
      ...(move === undefined || next === undefined ? {} : { until: next.now }),
    }),
  );
}
