import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Publication } from '../domain/upkeep.js';
import { CHAMPION } from '../models/champion.js';
import { servePulled } from './publish/publish.js';

export interface Served {
  readonly model: string;
  readonly version: number;
  readonly path: string;
}

/** Points every published folder at the registry's champion. Folders that are right are not touched. */
export async function serveAll(services: Services): Promise<Result<readonly Served[], Failure>> {
  const { models, upkeep } = services.registry;
  const newest = new Map<string, Publication>();
  for (const one of upkeep.publications()) if (!newest.has(one.model)) newest.set(one.model, one);
  const served: Served[] = [];
  for (const { model, path } of newest.values()) {
    const move = models.alias(model, CHAMPION);
    const version = move === undefined ? undefined : models.get({ model, version: move.to });
    if (move === undefined || version === undefined) continue;
    const done = await servePulled(services, version, { path, generation: move.generation });
    if (!done.ok) return done;
    if (done.value) served.push({ model, version: version.version, path });
  }
  return ok(served);
}
