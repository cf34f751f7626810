import { chmodSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { Result } from '../../domain/support/result.js';
import { discard, ensureFolder, syncPath, writeNew } from '../../platform/durable-files.js';
import { attempt, unwritable } from '../file-failures.js';
import { STORE_PATH, type Store, statOf } from '../layout.js';

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
  readonly isExecutable?: boolean;
}

/** Stores bytes at `target`, unless they are there. */
export async function saveBytes(
  store: Store,
  { hash, target, bytes, isExecutable }: Bytes,
): Promise<Result<Stored, Failure>> {
  const stored: Stored = { hash, size: Buffer.byteLength(bytes), folder: dirname(target) };
  return attempt(async () => {
    if (isThere(target, stored.size, isExecutable)) return stored;
    const staged = await store.stage();
    try {
      await writeNew(staged, bytes, isExecutable ? 0o555 : 0o444);
      await ensureFolder(stored.folder);
      renameSync(staged, target);
      return stored;
    } catch (error) {
      await discard(staged);
      throw error;
    }
  }, storeFailed);
}

/**
 * Whether the object exists completely. Marks it executable if any file with this content is, because a restored single
 * file takes the mode of its object.
 */
export function isThere(target: string, size: number, isExecutable = false): boolean {
  const found = statOf(target);
  if (found?.size !== size) return false;
  if (isExecutable && (found.mode & 0o100) === 0) chmodSync(target, 0o555);
  return true;
}

export const syncStored = (folders: Iterable<string>): Promise<Result<void, Failure>> =>
  attempt(async () => {
    await Promise.all([...new Set(folders)].map((folder) => syncPath(folder)));
  }, storeFailed);
