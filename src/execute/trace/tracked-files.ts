import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';
import type { ReadTrace } from './read-trace.js';

export interface TrackedFiles {
  readonly reads: readonly ArtifactUse[];
  /** Files that somebody else wrote meanwhile: the command may have read other bytes than those that are there now. */
  readonly moved: readonly string[];
  /** Files that were there before, and that it changed in place: no result of this command alone. */
  readonly changed: readonly string[];
  /** What it made, in place of the outputs that it does not declare. */
  readonly product: { readonly save: () => Promise<Result<readonly ArtifactUse[], Failure>> };
}

type Dependencies = Pick<Services, 'artifacts' | 'files'>;

/** What a command that declares nothing was seen to read and write, by content. */
export async function trackedFiles(
  services: Dependencies,
  traced: Pick<ReadTrace, 'files' | 'changed'> | undefined,
  startedAt: Instant,
): Promise<TrackedFiles> {
  const { files, changed } = traced ?? { files: { reads: [], writes: [] }, changed: [] };
  const hashes = await services.artifacts.hash(files.reads as readonly WorkspacePath[]);
  const reads = [...hashes].map(([path, artifact]) => ({ path, artifact }));
  const moved: string[] = [];
  for (const { path } of reads) {
    const stat = await services.files.stat(path);
    if (stat === undefined || stat.mtimeMs >= startedAt) moved.push(path);
  }
  const made = (files.writes as readonly WorkspacePath[]).filter((path) => !changed.includes(path));
  return { reads, moved, changed, product: { save: () => saveFiles(services, made) } };
}

async function saveFiles(
  { artifacts }: Dependencies,
  paths: readonly WorkspacePath[],
): Promise<Result<readonly ArtifactUse[], Failure>> {
  const saved: ArtifactUse[] = [];
  for (const path of paths) {
    const one = await artifacts.save(path);
    if (!one.ok) return one;
    saved.push({ path, artifact: one.value });
  }
  return ok(saved);
}
