import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { servingPeriods } from '../serving/serving-periods.js';
import { findArtifact } from './find-artifact.js';
import { impactView } from './views/impact-view.js';

/** Everything downstream of a file, a folder or a model: runs, versions and the periods in which they served. */
export async function impact(
  services: Pick<Services, 'registry' | 'artifacts'>,
  subject: string,
  path: string,
): Promise<Result<View, Failure>> {
  const found = await findArtifact(services, subject, path);
  if (!found.ok) return found;
  const { name, hashes, folders } = found.value;
  const down = services.registry.runs.downstream([...hashes, ...folders]);
  const models = [...new Set(down.versions.map((version) => version.model))];
  const moves = models.flatMap((model) => services.registry.models.moves(model));
  const periods = down.versions.flatMap((version) =>
    servingPeriods(
      version,
      moves.filter((move) => move.model === version.model),
    ),
  );
  return ok(impactView({ name, hashes, down, periods }));
}
