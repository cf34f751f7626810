import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes a rename or creation inside a folder survive a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and those above it that are missing, each so that it survives a power loss. */
export async function makeDurably(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const top = dirname(first);
  for (let parent = dirname(folder); ; parent = dirname(parent)) {
    await syncFolder(parent);
    if (parent === top) return;
  }
}

/** A name beside `path` that no other process uses: the rename to `path` stays on one file system. */
export const besides = (path: string, purpose: string): string =>
  join(dirname(path), `.refit-${purpose}-${randomUUID()}`);

/** Visible whole or not at all: temp, fsync, rename, fsync of the folder. Errors are Node's. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  await makeDurably(dirname(path));
  const staged = besides(path, 'write');
  try {
    const handle = await open(staged, 'wx', 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** What the operating system said, without the path that the failure already carries. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return REASONS[error.code] ?? error.message;
  return error instanceof Error ? error.message : String(error);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file',
  ENOSPC: 'no space left on the disk',
  EROFS: 'the file system is read-only',
};
