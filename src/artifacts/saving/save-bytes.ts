import { chmodSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { Result } from '../../domain/support/result.js';
import { discard, ensureFolder, syncPath, writeNew } from '../../platform/durable-files.js';
import { attempt, codeOf, unwritable } from '../file-failures.js';
import { STORE_PATH, type Store, statOf } from '../layout.js';
import { sharedMode, storedMode } from '../modes.js';

/** A stored object whose name becomes durable when `folder` is synced, which many objects share. */
export interface Stored {
  readonly hash: ContentHash;
  readonly size: number;
  readonly folder: string;
}

export const storeFailed = (code: string): Failure => unwritable(STORE_PATH, code);

interface Bytes {
  readonly hash: ContentHash;
  readonly target: string;
  readonly bytes: string | Uint8Array;
  /** Mode of the file that the bytes come from; everybody's if they come from none. */
  readonly mode?: number;
}

/** Mode of what refit writes itself. */
const OWN_MODE = 0o644;

/** Stores bytes at `target`, unless they are there. */
export async function saveBytes(
  store: Store,
  { hash, target, bytes, mode = OWN_MODE }: Bytes,
): Promise<Result<Stored, Failure>> {
  const stored: Stored = { hash, size: Buffer.byteLength(bytes), folder: dirname(target) };
  return attempt(async () => {
    if (isThere(target, stored.size, mode)) return stored;
    const staged = await store.stage();
    try {
      await writeNew(staged, bytes, newMode(target, mode));
      await ensureFolder(stored.folder);
      renameSync(staged, target);
      return stored;
    } catch (error) {
      await discard(staged);
      throw error;
    }
  }, storeFailed);
}

const isExecutable = (mode: number): boolean => (mode & 0o100) !== 0;

/** Mode for the object at `target`, which may be there with another mode that this user cannot change. */
export function newMode(target: string, mode: number): number {
  const found = statOf(target);
  return found === undefined ? storedMode(mode, isExecutable(mode)) : sharedMode(found.mode, mode, isExecutable(mode));
}

/**
 * Whether the object exists completely. Its mode becomes what all files with this content allow to read, and executable if any
 * of them is, because a restored single file takes the mode of its object. An object of another user, whose mode cannot be
 * changed, is to be stored again.
 */
export function isThere(target: string, size: number, mode: number): boolean {
  const found = statOf(target);
  if (found?.size !== size) return false;
  const shared = sharedMode(found.mode, mode, isExecutable(mode));
  if (shared === (found.mode & 0o777)) return true;
  try {
    chmodSync(target, shared);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EPERM') return false;
    throw error;
  }
}

export const syncStored = (folders: Iterable<string>): Promise<Result<void, Failure>> =>
  attempt(async () => {
    await Promise.all([...new Set(folders)].map((folder) => syncPath(folder)));
  }, storeFailed);
