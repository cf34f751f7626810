import type { VersionRef } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION } from './champion.js';

/** Whether a person rolled back from the version and nobody has promoted it since. */
export function isRolledBackFrom({ registry }: Pick<Services, 'registry'>, { model, version }: VersionRef): boolean {
  const moves = registry.models.moves(model).filter((move) => move.alias === CHAMPION);
  const left = moves.findLastIndex((move) => move.kind === 'rollback' && move.from === version);
  return left >= 0 && !moves.slice(left).some((move) => move.kind === 'promotion' && move.to === version);
}
