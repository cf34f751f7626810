import type { AliasMove, ModelVersion, RollbackTarget } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { CHAMPION, servedBefore } from './champion.js';

/** Why a rollback to a version needs `--force`. */
type RollbackObstacle = NonNullable<RollbackTarget['obstacle']>;

type Dependencies = Pick<Services, 'registry'>;

/**
 * What speaks against serving a version again: it never served, it served only because somebody forced it, a person rejected
 * it, or the pipeline asks for approvals and it never had one. `undefined`: nothing.
 */
export function rollbackObstacle(
  services: Dependencies,
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

/** The version that a rollback without `--to` would go back to. `undefined`: no version served before. */
export function rollbackTarget(services: Dependencies, { model }: Pick<Pipeline, 'model'>): RollbackTarget | undefined {
  const { models } = services.registry;
  const target = model === undefined ? undefined : servedBefore(services, models.alias(model.name, CHAMPION));
  const version =
    model === undefined || target === undefined ? undefined : models.get({ model: model.name, version: target });
  return version === undefined
    ? undefined
    : { version: version.version, obstacle: rollbackObstacle(services, version, model?.approval) };
}
