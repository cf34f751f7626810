import { existsSync, renameSync, statSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RemoteObject } from '../domain/exchange/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { StoreTransfer } from '../domain/ports/artifacts.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { ObjectKind } from '../domain/upkeep.js';
import { discard, ensureFolder, syncPath } from '../platform/durable-files.js';
import { attempt } from './file-failures.js';
import { type Store, statOf } from './layout.js';
import { parseManifest, staysInside } from './manifest.js';
import { storedMode } from './modes.js';
import { storeFailed } from './saving/save-bytes.js';
import { damaged } from './verify.js';

const KINDS: readonly ObjectKind[] = ['file', 'folder', 'listing'];

const placeOf = (store: Store, { hash, kind }: Pick<RemoteObject, 'hash' | 'kind'>): string =>
  kind === 'file' ? store.objectOf(hash) : kind === 'folder' ? store.manifestOf(hash) : store.listingOf(hash);

/** Sends objects to another machine's store and receives them. */
export function createStoreTransfer(store: Store): StoreTransfer {
  return {
    describe: (hashes) =>
      hashes.flatMap((hash) =>
        KINDS.flatMap((kind): readonly RemoteObject[] => {
          const found = statOf(placeOf(store, { hash, kind }));
          if (found === undefined) return [];
          return [{ hash, kind, size: found.size, isExecutable: kind === 'file' && (found.mode & 0o100) !== 0 }];
        }),
      ),
    place: (object) => placeOf(store, object),
    filesIn: (manifest) => {
      const entries = parseManifest(manifest);
      if (entries === undefined || !entries.every(staysInside)) return undefined;
      return entries.flatMap((entry) =>
        'size' in entry
          ? [{ hash: entry.hash, kind: 'file', size: entry.size, isExecutable: entry.isExecutable ?? false }]
          : [],
      );
    },
    receive: (object, fetch) => receive(store, object, fetch),
  };
}

/** Stages, verifies and syncs an object before it gets its name. An existing object is left unchanged. */
async function receive(
  store: Store,
  object: RemoteObject,
  fetch: Parameters<StoreTransfer['receive']>[1],
): Promise<Result<boolean, Failure>> {
  const target = placeOf(store, object);
  if (existsSync(target) && statSync(target).size === object.size) return ok(true);
  const staged = await attempt(store.stage, storeFailed);
  if (!staged.ok) return staged;
  try {
    const fetched = await fetch(staged.value);
    if (!fetched.ok || !fetched.value) return fetched;
    const [found] = await store.pool.hash([{ path: staged.value, size: object.size }]);
    if (found?.kind !== 'hashed' || found.hash !== object.hash) {
      const { next: _, ...facts } = damaged(object.hash, found?.kind === 'hashed' ? found.hash : 'nothing') as Damage;
      return err({ ...facts, what: `${facts.what} at the remote`, next: 'push it again from a machine that has it' });
    }
    return await attempt(async () => {
      await chmod(staged.value, storedMode(0o444, object.isExecutable));
      await syncPath(staged.value);
      await ensureFolder(dirname(target));
      renameSync(staged.value, target);
      await syncPath(dirname(target));
      return true;
    }, storeFailed);
  } finally {
    await discard(staged.value);
  }
}

type Damage = Extract<Failure, { code: 'integrity' }>;
