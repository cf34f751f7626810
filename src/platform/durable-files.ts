import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, constants, copyFile, fchmodSync, fsync, mkdirSync, openSync, writeSync } from 'node:fs';
import { rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemCode } from '../domain/support/system-error.js';
import { requireRealFolders } from './real-folders.js';

// Only what waits for the disk leaves this thread: the rest of a small write is cheaper than a trip to another one.
const syncFile = promisify(fsync);
const copy = promisify(copyFile);

/** Forces a file's bytes, or a folder's names, to disk: then a rename in the folder survives a power loss. Throws Node's errors, as all functions here do. */
export const syncPath = (path: string): Promise<void> =>
  naming(path, async () => {
    const file = openSync(path, constants.O_RDONLY);
    try {
      await syncFile(file);
    } finally {
      closeSync(file);
    }
  });

/** Node names no path in the error of a call that has only a descriptor, such as fsync and write. */
async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) !== undefined && !('path' in (error as Error))) Object.assign(error as Error, { path });
    throw error;
  }
}

/** Writes a new file and forces its bytes to disk. `mode` holds whatever the umask; without it the umask decides. */
export const writeNew = (path: string, bytes: string | Uint8Array, mode?: number): Promise<void> =>
  naming(path, async () => {
    const file = openSync(path, 'wx', mode === undefined ? 0o666 : 0o600);
    try {
      writeAll(file, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      if (mode !== undefined) fchmodSync(file, mode);
      await syncFile(file);
    } finally {
      closeSync(file);
    }
  });

/** A write may be cut short, by a disk that is nearly full for one. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Copies by reflink where the file system can. The bytes are not on disk before `syncPath`. */
export async function copyNew(from: string, to: string, mode: number): Promise<void> {
  await copy(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  chmodSync(to, mode);
}

/** Makes the file visible whole or not at all: temp, fsync, rename, fsync of the folder. Missing folders are made. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  await ensureFolder(dirname(path));
  await replaceBy(path, 'write', (staged) => writeNew(staged, content));
}

/** Makes the link lead to `target`, by one rename over the old one. */
export const linkDurably = (path: string, target: string): Promise<void> =>
  replaceBy(path, 'link', (staged) => symlink(target, staged));

/** What `stage` makes beside `path` takes its name in one rename, or is gone. */
async function replaceBy(path: string, purpose: string, stage: (staged: string) => Promise<void>): Promise<void> {
  const staged = join(dirname(path), `.refit-${purpose}-${randomUUID()}`);
  try {
    await stage(staged);
    await rename(staged, path);
  } catch (error) {
    await discard(staged);
    throw error;
  }
  await syncPath(dirname(path));
}

/** Renames within a file system. Both folders are on disk when it returns; a missing one of `to` is made. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await ensureFolder(dirname(to));
  await rename(from, to);
  await syncPath(dirname(to));
  await syncPath(dirname(from));
}

/** Takes away what was staged, if it still is there; what cannot be taken away now is swept later. */
export async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

const underWay = new Map<string, Promise<void>>();

/**
 * Makes a folder and those above it, and their names durable. A caller that finds it half made waits for the maker. Below `.refit`
 * no link is followed.
 */
export async function ensureFolder(folder: string): Promise<void> {
  requireRealFolders(folder);
  const first = mkdirSync(folder, { recursive: true });
  if (first !== undefined) {
    const done = syncParents(first, folder).finally(() => underWay.delete(folder));
    underWay.set(folder, done);
  }
  await underWay.get(folder);
}

async function syncParents(first: string, last: string): Promise<void> {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) await syncPath(dirname(folder));
}
