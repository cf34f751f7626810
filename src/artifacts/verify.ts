import { readFileSync, renameSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Failure } from '../domain/failure.js';
import type { ContentHash } from '../domain/ids.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { ensureFolder } from '../platform/durable-files.js';
import { codeOf, unreadable } from './file-failures.js';
import { hashBytes } from './hashing/hash-file.js';
import { type Store, statOf } from './layout.js';

/** Reads an object or manifest and verifies its hash. */
export async function readVerified(store: Store, place: string, hash: ContentHash): Promise<Result<Buffer, Failure>> {
  try {
    const bytes = readFileSync(place);
    return hashBytes(bytes) === hash ? ok(bytes) : err(await setAside(store, place, hash));
  } catch (error) {
    return err(lost(store, place, hash, codeOf(error)));
  }
}

/** The failure for an unreadable object. A missing object or a disk error is damage; a missing permission is not. */
export function lost(store: Store, place: string, hash: ContentHash, code: string): Failure {
  if (code === 'ENOENT') return damaged(hash, 'nothing');
  return code === 'EIO' ? damaged(hash, 'a disk error') : unreadable(relative(store.root, place), code);
}

/**
 * Moves a damaged object to `store/damaged`, so that the rerun of its step stores it again. Reads it once more first,
 * because another process may have repaired it.
 */
export async function setAside(store: Store, place: string, hash: ContentHash): Promise<Failure> {
  const [found] = await store.pool.hash([{ path: place, size: statOf(place)?.size ?? 0 }]);
  const seen = found?.kind === 'hashed' ? found.hash : 'nothing';
  if (found?.kind === 'hashed' && seen !== hash) await moveAside(store, place);
  return damaged(hash, seen === hash ? 'other bytes at first, the right ones when read again' : seen);
}

async function moveAside(store: Store, place: string): Promise<void> {
  const folder = join(store.folder, 'damaged');
  try {
    await ensureFolder(folder);
    renameSync(place, join(folder, hashNameOf(place)));
  } catch (error) {
    // In a store without write access the damaged object stays, but is never restored.
    codeOf(error);
  }
}

const hashNameOf = (place: string): string => `${basename(join(place, '..'))}${basename(place)}`;

export const damaged = (hash: ContentHash, found: string): Failure => ({
  code: 'integrity',
  what: `stored object ${hash.slice(0, 12)}`,
  expected: hash,
  found,
  next: 'the step that made it will run again; if a remote has it, "refit pull <remote> --all" fetches it',
});
