import type { Snapshot } from '../domain/data/snapshot.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { Run } from '../domain/runs/run.js';

/**
 * The snapshots of remote sources that a run read, by the content of its inputs. Of snapshots with the same bytes it is the
 * last one that was read before the run began. A run that was pulled has none here: they stay where they were taken.
 */
export function usedSnapshots(
  { registry }: Pick<Services, 'registry'>,
  run: Run,
  reads: readonly ArtifactUse[],
): readonly Snapshot[] {
  const hashes = new Map(reads.flatMap((use) => (use.dataset === undefined ? [] : [[use.artifact.hash, use.dataset]])));
  return [...hashes].flatMap(([hash, dataset]) => {
    const own = registry.snapshots
      .withHash(hash)
      .filter((one) => one.pipeline === run.pipeline && one.dataset === dataset && one.rows > 0);
    return own.findLast((one) => one.readAt <= run.startedAt) ?? own.at(-1) ?? [];
  });
}
