import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { LineageGraph } from '../domain/runs/lineage.js';
import { ok, type Result } from '../domain/support/result.js';
import { findVersion } from '../models/find-version.js';
import { runsNamed } from '../run/find-run.js';
import { findArtifact } from './find-artifact.js';
import { createWalk, finishWalk, startAtArtifact, startAtRun, startAtVersion } from './lineage-walk.js';

type Dependencies = Pick<Services, 'registry' | 'artifacts'>;

export interface LineageOptions {
  readonly direction: 'up' | 'down';
  /** The subject as a workspace path, in case it is one. */
  readonly path: string;
  /** Maximum number of nodes, because years of history do not fit one screen. */
  readonly limit: number;
}

/**
 * The graph of everything that a model, a run or an artifact was made from (up), or that was made from it (down). Fails with
 * `not-found` if the subject matches nothing.
 */
export async function lineage(
  services: Dependencies,
  subject: string,
  options: LineageOptions,
): Promise<Result<LineageGraph, Failure>> {
  const walk = createWalk(services.registry, options);
  const version = findVersion(services, subject);
  const runs = version === undefined && /^(\d{8}-|latest$)/.test(subject) ? runsNamed(services, subject) : [];
  const [run] = runs;
  if (version !== undefined) startAtVersion(walk, version);
  else if (run !== undefined && runs.length === 1) startAtRun(walk, run.id);
  else {
    const found = await findArtifact(services, subject, options.path);
    if (!found.ok) return found;
    const { hashes, folders } = found.value;
    for (const hash of [...hashes, ...(options.direction === 'down' ? folders : [])])
      startAtArtifact(walk, hash, options.path as WorkspacePath);
  }
  return ok(finishWalk(walk));
}
