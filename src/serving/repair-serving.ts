import type { Failure } from '../domain/failure.js';
import type { ServingFinding } from '../domain/models/serving.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { CHAMPION } from '../models/champion.js';
import { servePublished } from './publish/serve-recorded.js';

const REPAIRED: readonly ServingFinding['code'][] = [
  'link-missing',
  'link-moved',
  'folder-missing',
  'model-changed',
  'pointer-missing',
  'pointer-changed',
];

/**
 * Restores the published state to what the registry says: intact bytes, the link and the pointer. Moves no version. The
 * ledger records the repair. The caller holds the pipeline's lock. Returns what was repaired.
 */
export async function repairServing(
  services: Services,
  pipeline: Pipeline,
  findings: readonly ServingFinding[],
): Promise<Result<readonly ServingFinding[], Failure>> {
  const mended = findings.filter((one) => REPAIRED.includes(one.code));
  const spec = pipeline.model?.publish;
  const { models } = services.registry;
  const move = pipeline.model === undefined ? undefined : models.alias(pipeline.model.name, CHAMPION);
  const version = move === undefined ? undefined : models.get({ model: move.model, version: move.to });
  if (mended.length === 0 || spec === undefined || move === undefined || version === undefined) return ok([]);
  const found = mended.map((one) => `${one.code}: ${one.path}`);
  const served = await servePublished(services, version, { path: spec.path, alias: CHAMPION, found });
  return served.ok ? ok(mended) : served;
}
