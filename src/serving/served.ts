import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import { CHAMPION } from '../models/champion.js';
import { findModel } from '../models/find-model.js';
import { servedView } from './views/served-view.js';

/**
 * The version that a model serves, or served at a time, its serving period, and the ledger. Without a time the clock counts, also
 * for moves that were made with `--now`; with one, the time of the ledger.
 */
export function served(
  services: Pick<Services, 'registry' | 'clock'>,
  name: string,
  at?: Instant,
): Result<View, Failure> {
  const model = findModel(services, name);
  if (!model.ok) return model;
  const { models } = services.registry;
  const move = at === undefined ? models.alias(model.value, CHAMPION) : models.aliasAt(model.value, CHAMPION, at);
  const next = models
    .moves(model.value)
    .find((one) => one.alias === CHAMPION && one.generation === (move?.generation ?? 0) + 1);
  return ok(
    servedView({
      model: model.value,
      at: at ?? services.clock.now(),
      entries: models.ledger(model.value),
      move,
      since: at === undefined ? move?.movedAt : move?.now,
      until: at === undefined || move === undefined ? undefined : next?.now,
    }),
  );
}
