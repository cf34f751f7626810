import type { Failure } from '../domain/failure.js';
import type { ServingFinding } from '../domain/models/serving.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { CHAMPION } from '../models/champion.js';
import { checkFiles } from './check-serving.js';
import { ensureStored } from './publish/ensure-stored.js';
import { servePublished, servePulled } from './publish/serve-recorded.js';

/** Differences of the published files. */
const PUBLISHED: readonly ServingFinding['code'][] = [
  'link-missing',
  'link-moved',
  'folder-missing',
  'model-changed',
  'pointer-missing',
  'pointer-changed',
];

/**
 * Restores the published state to what the registry says: stored and published bytes, the link and the pointer. Moves no version.
 * The ledger records the repair. What it cannot repair is a failure that names it. The caller holds the pipeline's lock. Returns
 * what was repaired.
 */
export async function repairServing(
  services: Services,
  pipeline: Pipeline,
): Promise<Result<readonly ServingFinding[], Failure>> {
  const findings = await checkFiles(services, pipeline);
  const spec = pipeline.model?.publish;
  const { models } = services.registry;
  const move = pipeline.model === undefined ? undefined : models.alias(pipeline.model.name, CHAMPION);
  const version = move === undefined ? undefined : models.get({ model: move.model, version: move.to });
  if (findings.length === 0 || move === undefined || version === undefined) return ok([]);
  const beyond = findings.find(({ code }) => code === 'link-replaced');
  if (beyond !== undefined) return err(notRepaired(beyond));
  const stored = await ensureStored(services, version);
  if (!stored.ok) return stored;
  const found = findings.filter(({ code }) => PUBLISHED.includes(code)).map((one) => `${one.code}: ${one.path}`);
  if (spec !== undefined && found.length > 0) {
    const served = await servePublished(services, version, { path: spec.path, alias: CHAMPION, found });
    if (!served.ok) return served;
  }
  if (spec !== undefined && findings.some(({ code }) => code === 'serving-unrecorded')) {
    const recorded = await servePulled(services, version, { path: spec.path, move });
    if (!recorded.ok) return recorded;
  }
  const [left] = await checkFiles(services, pipeline);
  return left === undefined ? ok(findings) : err(notRepaired(left));
}

const notRepaired = ({ path, expected, found, repair }: ServingFinding): Failure => ({
  code: 'integrity',
  what: path,
  expected,
  found,
  next: repair,
});
