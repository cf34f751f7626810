import { randomUUID } from 'node:crypto';
import { constants, lstatSync } from 'node:fs';
import { cp, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FetchFile, Staging } from '../../domain/ports/staging.js';
import { err, ok } from '../../domain/support/result.js';
import { reasonOf, systemCode } from '../../domain/support/system-error.js';
import { faultOfPlace } from '../containment.js';
import { discard } from '../durable-files.js';
import type { Reach } from '../reach.js';
import { requireRealFolders } from '../real-folders.js';
import { listTree } from './list-tree.js';
import { onThisDisk, writeTree } from './write-tree.js';

/** `scratch`: makes a new folder of refit's own, which the next command sweeps if this one dies. */
export const createStaging = (root: string, reach: Pick<Reach, 'has'>, scratch: () => Promise<string>): Staging => ({
  list: (paths) => {
    try {
      return ok(listTree(root, paths, { mayFollow: (real) => reach.has(real), isResult: false }));
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return err({ doing: 'put', path: paths.join(', '), cause: 'disk', reason: reasonOf(error) });
    }
  },
  addToLog: (path, from, bytes) =>
    onThisDisk({ doing: 'fetch', path }, async () => {
      const full = join(root, path);
      requireRealFolders(dirname(full));
      await mkdir(dirname(full), { recursive: true });
      const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
      const file = await open(full, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o666);
      try {
        return ok(await addAt(file, from, bytes));
      } finally {
        await file.close();
      }
    }),
  place: (entries, paths, { fetch, into = false, signal }) =>
    onThisDisk({ doing: 'fetch', path: paths[0] ?? '' }, async () => {
      const staged = join(root, await scratch());
      try {
        const written = await unlessAborted(writeTree(staged, entries, endingWith(fetch, signal)), signal);
        if (!written.ok) return written;
        for (const path of paths) {
          const fault = faultOfPlace(root, path);
          if (fault !== undefined) return err({ doing: 'fetch', path, cause: 'disk', reason: fault });
        }
        for (const path of paths) {
          signal?.throwIfAborted();
          const target = join(root, path);
          const isThere = lstatSync(join(staged, path), { throwIfNoEntry: false }) !== undefined;
          if (!isThere) await (into ? undefined : rm(target, { recursive: true, force: true }));
          else if (into) await replaceWithin(join(staged, path), target, signal);
          else await replace(join(staged, path), target, signal);
        }
        return ok(undefined);
      } finally {
        await discard(staged);
      }
    }),
});

/** False: it would leave a hole. */
async function addAt(file: FileHandle, from: number, bytes: Uint8Array): Promise<boolean> {
  const { size } = await file.stat();
  if (from > size) return false;
  // A disk that fills up takes a part.
  for (let at = size - from; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, from + at)).bytesWritten;
  return true;
}

const endingWith =
  (fetch: FetchFile, signal: AbortSignal | undefined): FetchFile =>
  async (file, to) => {
    signal?.throwIfAborted();
    return fetch(file, to);
  };

/** Does not wait for work that is not wanted any more. What it still writes lies in a folder that is swept. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

/** By one rename, also where the place is on another disk: then what is renamed is a copy beside it. */
async function replace(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await renameOver(from, to);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    const beside = join(dirname(to), `.refit-write-${randomUUID()}`);
    try {
      await cp(from, beside, { recursive: true, verbatimSymlinks: true });
      signal?.throwIfAborted();
      await renameOver(beside, to);
    } finally {
      await discard(beside);
    }
  }
}

/** What rename says where a folder is in the way, or a file in that of a folder. */
const IN_THE_WAY = ['ENOTEMPTY', 'EEXIST', 'EISDIR', 'ENOTDIR'];

async function renameOver(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!IN_THE_WAY.includes(systemCode(error) ?? '')) throw error;
    await rm(to, { recursive: true, force: true });
    await rename(from, to);
  }
}

async function replaceWithin(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(to)) await rm(join(to, name), { recursive: true, force: true });
  for (const name of await readdir(from)) await replace(join(from, name), join(to, name), signal);
}
