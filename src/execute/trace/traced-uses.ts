import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';

/** The files of a trace by content, as they are after the command. One that is gone again is left out. */
export async function usesOf(
  { artifacts }: Pick<Services, 'artifacts'>,
  paths: readonly string[],
): Promise<readonly ArtifactUse[]> {
  const found = await artifacts.hash(paths as readonly WorkspacePath[]);
  return [...found].map(([path, artifact]) => ({ path, artifact }));
}

/** Files that somebody else wrote while the command ran: it may have read other bytes than those that are there now. */
export async function changedSince(
  { files }: Pick<Services, 'files'>,
  startedAt: Instant,
  uses: readonly ArtifactUse[],
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const { path } of uses) {
    const stat = await files.stat(path);
    if (stat === undefined || stat.mtimeMs >= startedAt) changed.push(path);
  }
  return changed;
}

/** A file that was changed in place is no result of this command alone. */
export const madeBy = ({
  files,
  changed,
}: {
  readonly files: { readonly writes: readonly string[] };
  readonly changed: readonly string[];
}): readonly string[] => files.writes.filter((path) => !changed.includes(path));

/** Stores the files that the command made. */
export async function saveFiles(
  { artifacts }: Pick<Services, 'artifacts'>,
  paths: readonly string[],
): Promise<Result<readonly ArtifactUse[], Failure>> {
  const saved: ArtifactUse[] = [];
  for (const path of paths as readonly WorkspacePath[]) {
    const one = await artifacts.save(path);
    if (!one.ok) return one;
    saved.push({ path, artifact: one.value });
  }
  return ok(saved);
}
