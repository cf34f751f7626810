import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MOST_ENTRY_BYTES } from '../../domain/exchange/remote.js';
import type { Failure } from '../../domain/failure.js';
import type { ListedFile, RemoteFile, RemoteStore } from '../../domain/ports/remotes.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { systemCode, systemReason } from '../../domain/support/system-error.js';
import { realPlace } from '../../platform/containment.js';
import { syncPath, writeNew } from '../../platform/durable-files.js';
import { damagedObject } from './damaged-object.js';
import { bytesUpTo, exactly, NotAsDeclared, notAsDeclared } from './not-as-declared.js';
import { refusedHere } from './refused-here.js';

/** Partial files older than this, by the clock of the share, belong to a dead machine and are removed. */
const STRAY_AGE_MS = 24 * 3_600_000;

/**
 * A remote in a folder, such as a mounted share. It only relies on atomic renames: no links and no locks, which a dead process
 * could hold.
 */
export async function openFolderRemote(
  root: string,
  { isMade = false }: { readonly isMade?: boolean } = {},
): Promise<Result<RemoteStore, Failure>> {
  const attempt = async <T>(work: () => Promise<T>, fetched?: string): Promise<Result<T, Failure>> => {
    try {
      return ok(await work());
    } catch (error) {
      if (error instanceof NotAsDeclared) return err(notAsDeclared(root, error));
      const here = fetched === undefined ? undefined : refusedHere(error, fetched);
      return err(here ?? { code: 'remote-unreachable', remote: root, reason: reasonOf(error) });
    }
  };
  const found = await attempt(async () => {
    if (isMade) await makeFolder(root);
    await stat(root);
    for (const name of FOLDERS)
      if ((await orNothing(lstat(join(root, name)))) !== undefined) await requireRealFolder(join(root, name));
  });
  if (!found.ok) return found;
  const entryPath = (number: number): string => join(root, 'log', String(number).padStart(12, '0'), 'entry.json');
  const entry = (number: number) => attempt(() => orNothing(readEntry(root, entryPath(number))));
  const staging = join(root, 'tmp');
  let isSwept = false;
  const stage = async (): Promise<string> => {
    await makeFolder(staging);
    await requireRealFolder(staging);
    if (!isSwept) await sweep(staging);
    isSwept = true;
    return join(staging, randomUUID());
  };
  return ok({
    location: realPlace(root),
    entry,
    entriesAfter: async (after) => {
      const texts: string[] = [];
      // Read entries one by one, because a share may list outdated names for a while.
      for (let number = after + 1; ; number++) {
        const text = await entry(number);
        if (!text.ok) return text;
        if (text.value === undefined) return ok(texts);
        texts.push(text.value);
      }
    },
    append: (number, text) => attempt(async () => append(await stage(), { root, target: entryPath(number) }, text)),
    sizeOf: (name) =>
      attempt(async () => {
        const found = await there(root, orNothing(stat(join(root, name))));
        return found?.isFile() === true ? found.size : undefined;
      }),
    put: async (name, file) => {
      const done = await attempt(async () => put(await stage(), { root, target: join(root, name) }, file));
      return done.ok && !done.value ? err(damagedObject(file)) : done.ok ? ok(undefined) : done;
    },
    packs: () =>
      attempt(async () => ((await orNothing(readdir(join(root, 'packs')))) ?? []).map((name) => `packs/${name}`)),
    drop: (name) => attempt(() => rm(join(root, name), { force: true })),
    putBytes: (name, bytes) => attempt(async () => putBytes(await stage(), { root, target: join(root, name) }, bytes)),
    getBytes: (name) => attempt(() => there(root, orNothing(readBytes(root, join(root, name))))),
    list: (folder) => attempt(() => there(root, listBelow(root, folder))),
    clear: (folder) => attempt(() => rm(join(root, folder), { recursive: true, force: true, maxRetries: 3 })),
    get: (name, path, size) =>
      attempt(async () => (await there(root, orNothing(copyOut({ root, name }, path, size)))) ?? false, path),
  });
}

/**
 * Opens a file without following a link and without waiting for the other end of a pipe. Anything but a regular file is
 * refused.
 */
async function openRegular(name: string, path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error) => {
    if (systemCode(error) === 'ELOOP') throw new NotAsDeclared(name, 'a regular file', 'a link');
    if (systemCode(error) === 'ENXIO') throw new NotAsDeclared(name, 'a regular file', 'a socket or device');
    throw error;
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new NotAsDeclared(name, 'a regular file', 'something else');
}

const readEntry = async (root: string, path: string): Promise<string> => (await readBytes(root, path)).toString('utf8');

async function readBytes(root: string, path: string): Promise<Buffer> {
  const name = relative(root, path);
  const handle = await openRegular(name, path);
  try {
    return await bytesUpTo(name, MOST_ENTRY_BYTES, handle.createReadStream({ autoClose: false }));
  } finally {
    await handle.close();
  }
}

/** Copies a file of the remote to a new local file. Stops as soon as it is larger than declared. */
async function copyOut(
  { root, name }: { readonly root: string; readonly name: string },
  path: string,
  size: number,
): Promise<true> {
  const handle = await openRegular(name, join(root, name));
  try {
    const found = (await handle.stat()).size;
    if (found !== size) throw new NotAsDeclared(name, `${size} bytes`, String(found));
    await pipeline(
      exactly(name, size, handle.createReadStream({ autoClose: false })),
      createWriteStream(path, { flags: 'wx' }),
    );
    return true;
  } finally {
    await handle.close();
  }
}

/** Links are not followed, and no files. */
async function listBelow(root: string, folder: string): Promise<readonly ListedFile[]> {
  const found: ListedFile[] = [];
  for (const entry of (await orNothing(readdir(join(root, folder), { withFileTypes: true }))) ?? []) {
    const name = `${folder}${entry.name}`;
    if (entry.isDirectory()) found.push(...(await listBelow(root, `${name}/`)));
    else if (entry.isFile()) found.push({ name, size: (await orNothing(stat(join(root, name))))?.size ?? 0 });
  }
  return found;
}

interface Place {
  readonly root: string;
  readonly target: string;
}

/** Creates missing folders below the root, but never the root or its parents. */
async function renameInto(staged: string, { root, target }: Place): Promise<void> {
  try {
    await rename(staged, target);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    const parts = relative(root, dirname(target)).split(sep);
    for (const [i] of parts.entries()) await makeFolder(join(root, ...parts.slice(0, i + 1)));
    await rename(staged, target);
  }
}

/**
 * Each entry is in its own folder, which gets its name by one rename. The rename fails if a non-empty folder has the name. If
 * the response to the rename was lost, the text of the entry shows whether it is ours.
 */
async function append(staged: string, { root, target }: Place, text: string): Promise<'appended' | 'taken'> {
  await mkdir(staged);
  try {
    await writeNew(join(staged, 'entry.json'), text);
    await syncPath(staged);
    await renameInto(staged, { root, target: dirname(target) });
  } catch (error) {
    const there = await orNothing(readFile(target, 'utf8'));
    if (there === undefined) throw error;
    if (there !== text) return 'taken';
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
  await syncPath(dirname(dirname(target)));
  return 'appended';
}

/** Copies a file to the remote. Returns false if its bytes do not match its hash. */
async function put(staged: string, place: Place, { path, hash }: RemoteFile): Promise<boolean> {
  try {
    if ((await copyHashed(path, staged)) !== hash) return false;
    await renameInto(staged, place);
  } finally {
    await rm(staged, { force: true });
  }
  await syncPath(dirname(place.target));
  return true;
}

async function putBytes(staged: string, place: Place, bytes: string | Uint8Array): Promise<void> {
  try {
    await writeNew(staged, bytes);
    await renameInto(staged, place);
  } finally {
    await rm(staged, { force: true });
  }
  await syncPath(dirname(place.target));
}

/** Copies and hashes in one pass, so that the hash is that of the written bytes even if the file changes. */
async function copyHashed(from: string, to: string): Promise<string> {
  const sum = createHash('sha256');
  const through = new Transform({
    transform: (chunk: Buffer, _, done) => {
      sum.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(createReadStream(from), through, createWriteStream(to, { flags: 'wx' }));
  await syncPath(to);
  return sum.digest('hex');
}

/** A link in a share leads wherever whoever made it wants. */
async function requireRealFolder(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory())
    throw Object.assign(new Error('a link where refit expects a folder of its own'), { code: 'ENOTDIR' });
}

/** Creates the folder only if its parent exists, so that an unmounted share does not look like an empty one. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
    await syncPath(dirname(path));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** What refit makes in a share. */
const FOLDERS = ['log', 'objects', 'bundles', 'packs', 'staging', 'tmp'];

/** Names that `stage` and `sweep` give. Whatever else lies there was made by somebody else. */
const OWN_NAME = /^(?:clock-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function sweep(staging: string): Promise<void> {
  const here = join(staging, `clock-${randomUUID()}`);
  await writeNew(here, '');
  const now = (await stat(here)).mtimeMs;
  await rm(here);
  for (const name of await readdir(staging)) {
    if (!OWN_NAME.test(name)) continue;
    const found = await orNothing(stat(join(staging, name)));
    if (found !== undefined && now - found.mtimeMs > STRAY_AGE_MS)
      await rm(join(staging, name), { recursive: true, force: true });
  }
}

/** Nothing, in a share that has gone away, is no answer. */
async function there<T>(root: string, work: Promise<T>): Promise<T> {
  const found = await work;
  if (found === undefined || (Array.isArray(found) && found.length === 0)) await stat(root);
  return found;
}

async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) throw error;
  return ON_A_SHARE[code] ?? systemReason(code);
}

const ON_A_SHARE: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist (is the share mounted?)',
  ENOSPC: 'no space left on it',
  EDQUOT: 'its disk quota is used up',
  EROFS: 'it is read-only',
  ESTALE: 'the share has gone away',
  ENOTCONN: 'the share has gone away',
  EISDIR: 'a folder lies where a file belongs',
  ENOTDIR: 'a file lies where a folder belongs',
  EIO: 'the share reported an input/output error',
};
