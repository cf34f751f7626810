import { chmodSync, closeSync, constants, copyFile, fchmodSync, fsync, mkdirSync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

// Only what waits for the disk leaves this thread: the rest of a small write is cheaper than a trip to another one.
const syncFile = promisify(fsync);
const copy = promisify(copyFile);

/** Writes a new file and forces its bytes to disk. `mode` holds whatever the umask. Throws Node's errors. */
export async function writeNew(path: string, bytes: string | Uint8Array, mode: number): Promise<void> {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeAll(file, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    fchmodSync(file, mode);
    await syncFile(file);
  } finally {
    closeSync(file);
  }
}

/** A write may be cut short, by a disk that is nearly full for one. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Copies by reflink where the file system can. The bytes are not on disk before `syncPath`. */
export async function copyNew(from: string, to: string, mode: number): Promise<void> {
  await copy(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  chmodSync(to, mode);
}

/** Forces a file's bytes, or a folder's names, to disk. */
export async function syncPath(path: string): Promise<void> {
  const file = openSync(path, constants.O_RDONLY);
  try {
    await syncFile(file);
  } finally {
    closeSync(file);
  }
}

/** Takes away what was staged, if it still is there; what cannot be taken away now is swept later. */
export async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

const underWay = new Map<string, Promise<void>>();

/** Makes a folder and those above it, and their names durable; a caller that finds it half made waits for the maker. */
export async function ensureFolder(folder: string): Promise<void> {
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
