import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A name in the folder of `path` that nobody else uses: a rename from it to `path` stays on one file system. */
export const stagingName = (path: string): string => join(dirname(path), `.refit-${randomUUID()}`);

/** Copies by reflink where the file system can, forces the bytes to disk. */
export async function copyDurably(from: string, to: string, mode: number): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, mode);
  await syncPath(to);
}

/** The commit point of every write here: rename, then the folder's own fsync. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncPath(dirname(to));
}
