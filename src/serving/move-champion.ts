import type { Failure } from '../domain/failure.js';
import type { AliasMove, ModelVersion } from '../domain/models/model.js';
import type { Pipeline, PublishSpec } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { baseName } from '../domain/support/paths.js';
import { ok, type Result } from '../domain/support/result.js';
import { CHAMPION } from '../models/champion.js';
import { deliverHooks } from './deliver-hooks.js';
import { type PublishRequest, publishVersion } from './publish/publish.js';

/** How a move ended. The move's version serves, unless it was moved back. */
export interface MovedChampion {
  /** Absent if the version was moved back. */
  readonly move?: AliasMove;
  /** Failure of a deploy or verify hook. */
  readonly failure?: Failure;
  /** The published model, relative to the workspace. Absent if the pipeline publishes nothing or the version was moved back. */
  readonly servedAt?: string;
}

/** Publishes a version, then deploys and verifies it. If that fails and the pipeline says so, moves back. */
export async function moveChampion(
  services: Services,
  pipeline: Pipeline,
  version: ModelVersion,
  move: PublishRequest['move'],
): Promise<Result<MovedChampion, Failure>> {
  const spec = pipeline.model?.publish;
  const request: PublishRequest = { version, alias: CHAMPION, move, spec };
  const moved = await publishVersion(services, request);
  if (!moved.ok) return moved;
  const delivered = await deliverHooks(services, pipeline, moved.value);
  if (!delivered.ok) return delivered;
  const { failure, back } = delivered.value;
  return ok(back === undefined ? { move: moved.value, failure, servedAt: servedPath(spec, version) } : { failure });
}

/** Where a server finds the version: `serving/hello/current/model.pkl`. */
export const servedPath = (spec: PublishSpec | undefined, version: ModelVersion): string | undefined =>
  spec === undefined ? undefined : `${spec.path}/current/${baseName(version.path)}`;
