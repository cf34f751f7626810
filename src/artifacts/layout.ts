import { type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContentHash } from '../domain/ids.js';
import { ensureFolder } from '../platform/durable-files.js';
import type { Reach } from '../platform/reach.js';
import type { Hasher } from './hashing/hash-files.js';
import { stagingName, sweepStrays } from './strays.js';

/** The path that failures of writing to the store name. */
export const STORE_PATH = '.refit/store';

/** Files up to this size are handled in memory. */
export const SMALL_BYTES = 1024 * 1024;

/** How many files are processed at a time: enough to fill the disk's queue and to share its journal commits. */
export const FILES_AT_ONCE = 16;

/** The store's paths and hashing, as saving and restoring need them. */
export interface Store extends Hasher {
  readonly root: string;
  readonly folder: string;
  readonly hasHardLinks: boolean;
  readonly reach: Reach;
  /** Path of a file's content: `<2 hex>/<62 hex>`. */
  readonly objectOf: (hash: ContentHash) => string;
  /** Path of a folder's manifest: the same with `.dir`. */
  readonly manifestOf: (hash: ContentHash) => string;
  /** Path of the manifest of a folder that was only read: the same with `.list`. Its files are not stored. */
  readonly listingOf: (hash: ContentHash) => string;
  /** A free path in the store's staging folder. */
  readonly stage: () => Promise<string>;
}

/** The layout of the store below a root. Touches no disk. `hasHardLinks`: restored files share its bytes. */
export function createStore(root: string, hasher: Hasher & Pick<Store, 'reach'>, hasHardLinks: boolean): Store {
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

/**
 * Folders in which content for `target` may be staged: in the store, where no listing sees it, else beside the target.
 */
export async function stagingFor(store: Store, target: string): Promise<readonly string[]> {
  await ensureFolder(dirname(target));
  const staged = await store.stage();
  const beside = stagingName(dirname(target));
  const isSameDevice = statSync(dirname(staged)).dev === statSync(dirname(target)).dev;
  if (!isSameDevice) sweepStrays(dirname(target));
  return isSameDevice ? [staged, beside] : [beside];
}

/** Stat of a path, following links; `undefined` if it does not exist. */
export const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
