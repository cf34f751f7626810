import { type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContentHash } from '../domain/ids.js';
import { ensureFolder } from '../platform/durable-files.js';
import type { Hasher } from './hashing/hash-files.js';
import { stagingName, sweepStrays } from './strays.js';

/** Where failures of writing the store point. */
export const STORE_PATH = '.refit/store';

/** Up to here a file is handled in memory, whole. */
export const SMALL_BYTES = 1024 * 1024;

/** Files that are worked on at a time: enough to keep the disk's queue full and its journal's commits shared. */
export const FILES_AT_ONCE = 16;

/** The store as a flow of save or restore needs it: where things lie and how they are hashed. */
export interface Store extends Hasher {
  readonly root: string;
  readonly folder: string;
  readonly hasHardLinks: boolean;
  /** Content of a file: `<2 hex>/<62 hex>`. */
  readonly objectOf: (hash: ContentHash) => string;
  /** Manifest of a folder: the same with `.dir`. */
  readonly manifestOf: (hash: ContentHash) => string;
  /** What a folder that was only read held: the same text, with `.list`; its files are not here. */
  readonly listingOf: (hash: ContentHash) => string;
  /** A free name in the store's own staging folder. */
  readonly stage: () => Promise<string>;
}

export function createStore(root: string, hasher: Hasher, hasHardLinks: boolean): Store {
  const folder = join(root, STORE_PATH);
  const staging = join(folder, 'tmp');
  const objectOf = (hash: ContentHash): string => join(folder, hash.slice(0, 2), hash.slice(2));
  let isSwept = false;
  return {
    ...hasher,
    root,
    folder,
    hasHardLinks,
    objectOf,
    manifestOf: (hash) => `${objectOf(hash)}.dir`,
    listingOf: (hash) => `${objectOf(hash)}.list`,
    stage: async () => {
      if (!isSwept) {
        await ensureFolder(staging);
        sweepStrays(staging);
      }
      isSwept = true;
      return stagingName(staging);
    },
  };
}

/** Where what is put at `target` may be staged: in the store, where no walk sees it, else beside the target. */
export async function stagingFor(store: Store, target: string): Promise<readonly string[]> {
  await ensureFolder(dirname(target));
  const staged = await store.stage();
  const beside = stagingName(dirname(target));
  const isSameDevice = statSync(dirname(staged)).dev === statSync(dirname(target)).dev;
  if (!isSameDevice) sweepStrays(dirname(target));
  return isSameDevice ? [staged, beside] : [beside];
}

/** Stat of a path, a link followed; `undefined` when there is nothing. */
export const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
