import { type Stats, statSync } from 'node:fs';
import type { ContentHash, WorkspacePath } from '../../domain/ids.js';
import type { Artifact } from '../../domain/runs/artifact.js';
import { codeOf } from '../file-failures.js';
import { type Listing, listFolder, toEntries } from '../list-folder.js';
import { toManifest } from '../manifest.js';
import { toFileStat } from './file-stat.js';
import { hashBytes } from './hash-file.js';
import { type FileAnswer, type FileAsk, type Hasher, hashFiles } from './hash-files.js';

/**
 * Hashes of many files and folders: all are listed first, then hashed together. Missing or unreadable paths have no
 * entry. A link counts by its target's content.
 */
export async function hashPaths(
  hasher: Hasher,
  root: string,
  paths: readonly WorkspacePath[],
  beside?: () => void,
): Promise<ReadonlyMap<WorkspacePath, Artifact>> {
  const asks: FileAsk[] = [];
  const listed = new Map<WorkspacePath, number | Listing>();
  for (const path of new Set(paths)) {
    const found = listPath(`${root}/${path}`, path, asks);
    if (found !== undefined) listed.set(path, found);
  }
  const answers = await hashFiles(hasher, asks, beside);
  const artifacts = new Map<WorkspacePath, Artifact>();
  for (const [path, what] of listed) {
    const artifact = typeof what === 'number' ? fileArtifact(answers[what]) : folderArtifact(what, answers);
    if (artifact !== undefined) artifacts.set(path, artifact);
  }
  return artifacts;
}

function listPath(full: string, path: string, asks: FileAsk[]): number | Listing | undefined {
  try {
    const found: Stats | undefined = statSync(full, { throwIfNoEntry: false });
    if (found?.isDirectory()) return listFolder(full, path, asks);
    return found?.isFile() ? asks.push({ key: path, full, stat: toFileStat(found) }) - 1 : undefined;
  } catch (error) {
    codeOf(error);
    return undefined;
  }
}

const fileArtifact = (answer: FileAnswer | undefined): Artifact | undefined =>
  answer?.kind === 'hashed' ? { hash: answer.hash, kind: 'file', size: answer.size } : undefined;

function folderArtifact(listing: Listing, answers: readonly FileAnswer[]): Artifact | undefined {
  const entries = toEntries(listing, answers);
  return typeof entries === 'string' ? undefined : toManifest(entries).artifact;
}

/** One hash for each path from the stats of all files at or below it. Reads no file. */
export function stampPaths(root: string, paths: readonly WorkspacePath[]): ReadonlyMap<WorkspacePath, ContentHash> {
  return new Map(
    paths.map((path) => {
      const asks: FileAsk[] = [];
      listPath(`${root}/${path}`, path, asks);
      return [path, hashBytes(asks.map(({ key, stat }) => `${key} ${Object.values(stat).join(' ')}`).join('\n'))];
    }),
  );
}
