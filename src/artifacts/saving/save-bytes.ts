import { chmodSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { Result } from '../../domain/support/result.js';
import { discard, ensureFolder, syncPath, writeNew } from '../../platform/durable-files.js';
import { attempt, unwritable } from '../faults.js';
import { STORE_PATH, type Store, statOf } from '../layout.js';

/** An object that is there but whose name is durable only once `folder` is synced: many share one. */
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

/** Stores bytes under the name `target`, unless they are there. */
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

/** A truncated object is not there. One that any file executes is executable, as a restored single file will be. */
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
