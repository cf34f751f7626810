import type { ModelVersion } from '../domain/model.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/time.js';
import { CHAMPION } from './reference.js';

/** A span of time in which a version served; without `until` it serves now. */
export interface ServingPeriod {
  readonly model: string;
  readonly version: number;
  readonly since: Instant;
  readonly until?: Instant;
}

/** When a version served: once for each time that the champion alias came to it. */
export function servingPeriods(
  { registry }: Pick<Services, 'registry'>,
  { model, version }: Pick<ModelVersion, 'model' | 'version'>,
): readonly ServingPeriod[] {
  const moves = registry.models.moves(model).filter((move) => move.alias === CHAMPION);
  return moves.flatMap((move, i) => {
    const next = moves[i + 1];
    if (move.to !== version) return [];
    const period = { model, version, since: move.movedAt };
    return [next === undefined ? period : { ...period, until: next.movedAt }];
  });
}
