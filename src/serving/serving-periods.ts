import type { AliasMove, ModelVersion } from '../domain/models/model.js';
import type { Instant } from '../domain/support/time.js';
import { CHAMPION } from '../models/champion.js';

/** A period in which a version served. Without `until` it still serves. */
export interface ServingPeriod {
  readonly model: string;
  readonly version: number;
  readonly since: Instant;
  readonly until?: Instant;
}

/**
 * The periods in which a version served, one for each time that it became champion. `moves`: all moves of its model.
 */
export function servingPeriods(
  { model, version }: Pick<ModelVersion, 'model' | 'version'>,
  moves: readonly AliasMove[],
): readonly ServingPeriod[] {
  const champions = moves.filter((move) => move.alias === CHAMPION);
  return champions.flatMap((move, i) => {
    const next = champions[i + 1];
    if (move.to !== version) return [];
    const period = { model, version, since: move.movedAt };
    return [next === undefined ? period : { ...period, until: next.movedAt }];
  });
}
