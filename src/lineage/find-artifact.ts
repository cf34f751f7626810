import type { Failure } from '../domain/failure.js';
import type { ContentHash, WorkspacePath } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { findVersion } from '../models/find-version.js';

type Dependencies = Pick<Services, 'registry' | 'artifacts'>;

export interface FoundArtifact {
  /** Name for display. */
  readonly name: string;
  /** Hashes of the content; several if the path held other content before. */
  readonly hashes: readonly ContentHash[];
  /** Hashes of folders that contain these bytes. */
  readonly folders: readonly ContentHash[];
}

/**
 * Finds content by model version, by a file or folder that exists now, by a path that was recorded earlier, or by a hash or
 * its beginning.
 */
export async function findArtifact(
  services: Dependencies,
  subject: string,
  path: string,
): Promise<Result<FoundArtifact, Failure>> {
  const version = findVersion(services, subject);
  if (version !== undefined)
    return ok({ name: `${version.model}@${version.version}`, hashes: [version.hash], folders: [] });
  const hashes = await hashesOf(services, subject, path);
  if (hashes.length === 0)
    return err({
      code: 'not-found',
      what: 'artifact',
      name: subject,
      available: services.registry.models.names(),
      next: 'name a model version, a file that a step read or wrote, or the beginning of a hash (8 digits or more)',
    });
  return ok({ name: subject, hashes, folders: await foldersWith(services, new Set(hashes)) });
}

async function hashesOf(services: Dependencies, subject: string, path: string): Promise<readonly ContentHash[]> {
  const { runs } = services.registry;
  const now = (await services.artifacts.hash([path as WorkspacePath])).get(path as WorkspacePath)?.hash;
  if (now !== undefined && isKnown(services, now)) return [now];
  // The file is gone or has unknown content, so take everything recorded at this path.
  const before = runs.hashesAt(path as WorkspacePath);
  if (before.length > 0) return before;
  if (/^[0-9a-f]{8,64}$/.test(subject)) {
    const known = runs.hashesLike(subject);
    if (known.length > 0) return known;
  }
  return now === undefined || (await foldersWith(services, new Set([now]))).length === 0 ? [] : [now];
}

const isKnown = ({ registry }: Dependencies, hash: ContentHash): boolean =>
  registry.runs.makerOf(hash) !== undefined || registry.runs.readersOf(hash, 1).length > 0;

/** Recorded folders that contain one of these files. */
async function foldersWith(
  { registry, artifacts }: Dependencies,
  hashes: ReadonlySet<ContentHash>,
): Promise<readonly ContentHash[]> {
  const found: ContentHash[] = [];
  for (const folder of registry.upkeep.folders()) {
    const members = await artifacts.members(folder);
    if (members?.some((member) => hashes.has(member.hash)) === true) found.push(folder);
  }
  return found;
}
