import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ContentHash, WorkspacePath } from '../../domain/ids.js';
import type { HashOptions } from '../../domain/ports/artifacts.js';
import type { Artifact } from '../../domain/runs/artifact.js';
import { codeOf } from '../file-failures.js';
import type { Store } from '../layout.js';
import { type Listing, listFolder, toEntries } from '../list-folder.js';
import { toManifest } from '../manifest.js';
import { toFileStat } from './file-stat.js';
import { hashBytes } from './hash-file.js';
import { type FileAnswer, type FileAsk, type Hasher, hashFiles } from './hash-files.js';

/**
 * Hashes of many files and folders: all are listed first, then hashed together. Missing or unreadable paths have no
 * entry, nor have those that lead out of reach. A link counts by its target's content.
 */
export async function hashPaths(
  store: Hasher & Pick<Store, 'root' | 'reach'>,
  paths: readonly WorkspacePath[],
  { beside, written }: HashOptions = {},
): Promise<ReadonlyMap<WorkspacePath, Artifact>> {
  const asks: FileAsk[] = [];
  const listed = new Map<WorkspacePath, number | Listing>();
  const isReachable = reachable(store);
  for (const path of new Set(paths)) {
    if (written?.has(path) !== true && !isReachable(path)) continue;
    const found = listPath(store, path, asks);
    if (found !== undefined) listed.set(path, found);
  }
  const answers = await hashFiles(store, asks, beside);
  const artifacts = new Map<WorkspacePath, Artifact>();
  for (const [path, what] of listed) {
    const artifact = typeof what === 'number' ? fileArtifact(answers[what]) : folderArtifact(what, answers);
    if (artifact !== undefined) artifacts.set(path, artifact);
  }
  return artifacts;
}

/** Whether a path may be read. Its folder is resolved once, because most paths lie in few folders. */
function reachable({ root, reach }: Place): (path: WorkspacePath) => boolean {
  const folders = new Map<string, string>();
  const realFolder = (folder: string): string => {
    const known = folders.get(folder) ?? realpathSync(`${root}/${folder}`);
    folders.set(folder, known);
    return known;
  };
  return (path) => {
    try {
      const isLink = lstatSync(`${root}/${path}`).isSymbolicLink();
      const real = isLink ? realpathSync(`${root}/${path}`) : `${realFolder(dirname(path))}/${basename(path)}`;
      if (reach.has(real)) return true;
      reach.tellSkipped(path, real);
      return false;
    } catch (error) {
      codeOf(error);
      return true;
    }
  };
}

type Place = Pick<Store, 'root' | 'reach'>;

function listPath({ root, reach }: Place, path: string, asks: FileAsk[]): number | Listing | undefined {
  const full = `${root}/${path}`;
  try {
    const found: Stats | undefined = statSync(full, { throwIfNoEntry: false });
    if (found?.isDirectory()) return listFolder(full, path, { asks, reach });
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
export function stampPaths(store: Place, paths: readonly WorkspacePath[]): ReadonlyMap<WorkspacePath, ContentHash> {
  return new Map(
    paths.map((path) => {
      const asks: FileAsk[] = [];
      listPath(store, path, asks);
      return [path, hashBytes(asks.map(({ key, stat }) => `${key} ${Object.values(stat).join(' ')}`).join('\n'))];
    }),
  );
}
