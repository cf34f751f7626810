import type { AliasMove, ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION, servedBefore } from './champion.js';

/** Why a rollback to a version needs `--force`. */
export type RollbackObstacle = 'never-served' | 'served-by-force' | 'rejected' | 'not-approved';

type Need = Pick<Services, 'registry'>;

/**
 * What speaks against serving a version again: it never served, it served only because somebody forced it, a person rejected
 * it, or the pipeline asks for approvals and it never had one. `undefined`: nothing.
 */
export function rollbackObstacle(
  services: Need,
  version: ModelVersion,
  approval: 'automatic' | 'manual' | undefined,
): RollbackObstacle | undefined {
  const served = services.registry.models
    .moves(version.model)
    .filter((move) => move.alias === CHAMPION && move.to === version.version && move.toHash === version.hash);
  if (served.length === 0) return 'never-served';
  const hasPassed = ({ gate }: AliasMove): boolean =>
    gate !== undefined && services.registry.models.gateVerdict(gate)?.verdict === 'pass';
  if (served.every((move) => move.isForced && !hasPassed(move))) return 'served-by-force';
  const answers = services.registry.models.approvals(version).filter((answer) => answer.hash === version.hash);
  if (answers[0]?.answer === 'rejected') return 'rejected';
  return approval === 'manual' && !answers.some(({ answer }) => answer === 'approved') ? 'not-approved' : undefined;
}

/** The version that a rollback without `--to` and without `--force` would go back to, if it can go back. */
export function rollbackTarget(services: Need, { model }: Pick<Pipeline, 'model'>): number | undefined {
  const { models } = services.registry;
  const target = model === undefined ? undefined : servedBefore(services, models.alias(model.name, CHAMPION));
  const version =
    model === undefined || target === undefined ? undefined : models.get({ model: model.name, version: target });
  if (version === undefined || rollbackObstacle(services, version, model?.approval) !== undefined) return undefined;
  return target;
}
