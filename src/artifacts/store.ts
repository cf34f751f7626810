import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { ContentHash } from '../domain/ids.js';
import type { ArtifactStore, StoreUpkeep } from '../domain/ports/artifacts.js';
import { ok } from '../domain/support/result.js';
import { createReach, type Reach } from '../platform/reach.js';
import { hashPaths, stampPaths } from './hashing/hash-paths.js';
import { createHashPool } from './hashing/hash-pool.js';
import type { StatCache } from './hashing/stat-cache.js';
import { createStore, type Store } from './layout.js';
import { createStoreTransfer } from './transfer.js';

export interface StoreOptions {
  /**
   * Restored files share the store's read-only bytes. Saves copies, but a program that writes in place damages the
   * store.
   */
  readonly hasHardLinks?: boolean;
  readonly reach?: Reach;
}

/** The store below `<root>/.refit/store`. Creates nothing before something is saved or restored. See STORE.md. */
export function createArtifactStore(root: string, cache: () => StatCache, options: StoreOptions = {}): ArtifactStore {
  const { hasHardLinks = false, reach = createReach(root) } = options;
  const store = createStore(root, { cache, pool: createHashPool(), reach }, hasHardLinks);
  return {
    hash: (paths, more) => hashPaths(store, paths, more),
    stamp: (paths) => stampPaths(store, paths),
    // Loaded on first use, because a run with nothing to do saves and restores nothing.
    save: async (path, more) => (await import('./saving/save-path.js')).savePath(store, path, more?.without),
    part: async (paths) =>
      store.hasHardLinks ? ok(undefined) : (await import('./saving/part-from-store.js')).partFromStore(store, paths),
    saveText: async (text) => (await import('./saving/save-path.js')).saveText(store, text),
    has: async (hash) => existsSync(store.objectOf(hash)) || existsSync(store.manifestOf(hash)),
    restore: async (hash, path, options) => (await import('./restore.js')).restore(store, hash, path, options),
    objectPath: async (hash) => (existsSync(store.objectOf(hash)) ? store.objectOf(hash) : undefined),
    readText: async (hash) => {
      const { readVerified } = await import('./verify.js');
      const bytes = await readVerified(store, store.objectOf(hash), hash);
      return bytes.ok ? ok(bytes.value.toString('utf8')) : bytes;
    },
    saveListing: async (path, hash) => (await import('./saving/save-path.js')).saveListing(store, path, hash),
    members: async (hash) => (await import('./upkeep.js')).readMembers(store, hash),
    upkeep: createStoreUpkeepLazily(store),
    transfer: createStoreTransfer(store),
  };
}

/** A store that keeps nothing: what would be saved is only hashed. For commands that may not write. */
export const withoutSaving = (store: ArtifactStore): ArtifactStore => ({
  ...store,
  saveText: async (text) => {
    const bytes = Buffer.from(text);
    const hash = createHash('sha256').update(bytes).digest('hex') as ContentHash;
    return ok({ hash, kind: 'file', size: bytes.length });
  },
});

/** Loaded on first use, because few commands read the whole store. */
function createStoreUpkeepLazily(store: Store): StoreUpkeep {
  const load = async () => (await import('./upkeep.js')).createStoreUpkeep(store);
  return {
    list: async () => (await load()).list(),
    find: async (hashes) => (await load()).find(hashes),
    check: async (objects, isFast) => (await load()).check(objects, isFast),
    remove: async (objects) => (await load()).remove(objects),
    leftovers: async () => (await load()).leftovers(),
    pruneCache: async (isDry) => (await load()).pruneCache(isDry),
  };
}
