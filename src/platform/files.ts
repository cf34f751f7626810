import { existsSync, lstatSync, mkdirSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readlink, rm, statfs } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { FileStat, Files } from '../domain/ports/platform.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { isOverlooked, reasonOf } from '../domain/support/system-error.js';
import { faultOfLink, faultOfOutput, realPlace } from './containment.js';
import { discard, ensureFolder, linkDurably, moveDurably, writeDurably, writeNew } from './durable-files.js';
import { globFiles } from './glob-files.js';
import { createReach, type Reach } from './reach.js';
import { requireRealFolders } from './real-folders.js';
import { sweep } from './refit-folder.js';
import { readRegularStart, readRegularText } from './regular-file.js';

/** Files below one workspace root; a path that leads out of it is a bug of the caller, paths of users are checked at parse time. */
export function createFiles(root: string, reach: Reach = createReach(root)): Files {
  const absolute = (path: string): string => {
    if (path.startsWith('.refit/')) requireRealFolders(dirname(join(root, path)));
    if (isPlain(path)) return join(root, path);
    const full = resolve(root, path);
    const inside = relative(root, full);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      throw new Error(`internal error: path leads out of the workspace: ${path}`);
    return full;
  };
  const scratch: string[] = [];
  const swept = new Set<string>();
  return {
    root,
    absolute,
    stat: (path) => statOf(absolute(path)),
    identityOfFolder: (path) => identityOfFolder(absolute(path)),
    inodeOf: (path) => statSync(absolute(path), { throwIfNoEntry: false, bigint: true })?.ino.toString(),
    readText: (path) => readText(absolute(path), path),
    readStart: (path, bytes) => readRegularStart(absolute(path), bytes),
    readConfig: async (path) => {
      const full = absolute(path);
      const real = realPlace(full);
      return reach.has(real) ? readText(full, path) : err({ code: 'data-outside-workspace', source: path, path: real });
    },
    realPlace: (path) => realPlace(absolute(path)),
    outside: (path) => {
      const real = realPlace(absolute(path));
      return reach.has(real) ? undefined : real;
    },
    linkedFolders: () => reach.roots().filter((folder) => existsSync(folder)),
    writeText: (path, text) => writeText(absolute(path), path, text),
    writeScratch: async (path, text) => writeFileSync(absolute(path), text),
    writePrivate: (path, text) => writeNew(absolute(path), text, 0o600),
    faultOfOutput: (path) => faultOfOutput(root, absolute(path)),
    faultOfLink: (path) => faultOfLink(root, absolute(path)),
    glob: (patterns) => globFiles(root, patterns, reach),
    makeFolder: async (path) => {
      const folder = absolute(path);
      if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    },
    makeFolderDurably: (path) => ensureFolder(absolute(path)),
    makeScratch: async (prefix) => {
      const parent = absolute('.refit/tmp');
      await mkdir(parent, { recursive: true });
      // Commands that hold no pipeline's lock, such as checks, leave them too.
      if (!swept.has(prefix)) sweep(parent, prefix);
      swept.add(prefix);
      const made = await mkdtemp(join(parent, `${prefix}-${process.pid}-`));
      scratch.push(made);
      return relative(root, made).replaceAll(sep, '/') as WorkspacePath;
    },
    removeScratch: async () => {
      await Promise.all(scratch.splice(0).map(discard));
    },
    remove: (path) => (isLeftover(path) ? discard(absolute(path)) : removeWhole(absolute(path))),
    move: (from, to) => moveWhole(absolute(from), absolute(to)),
    readLink: async (path) => readlink(absolute(path)).catch(() => undefined),
    swapLink: (path, target) => linkDurably(absolute(path), target),
    freeBytes: () =>
      statfs(root).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => undefined,
      ),
    listFolder: async (path) => (await namesIn(absolute(path))).sort(),
  };
}

/** Nothing to resolve: most paths, and each is asked for many times. */
const isPlain = (path: string): boolean =>
  !path.split('/').some((part) => part === '' || part === '.' || part === '..');

/** Asked in this thread: the answer is there sooner than another thread could be woken for it. */
async function statOf(path: string): Promise<FileStat | undefined> {
  const found = statNow(path);
  if (found === undefined) return undefined;
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  return { kind, size: found.size, mtimeMs: found.mtimeMs, bornMs: found.birthtimeMs };
}

function identityOfFolder(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return found?.isDirectory() ? `${realPlace(path)} ${found.dev} ${found.ino} ${found.birthtimeNs}` : undefined;
}

function statNow(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // a part of the path is a file, or may not be looked into
    return undefined;
  }
}

async function readText(full: string, path: string): Promise<Result<string, Failure>> {
  try {
    return ok(readRegularText(full));
  } catch (error) {
    return err({ code: 'file-unreadable', path, reason: reasonOf(error) });
  }
}

async function writeText(full: string, path: string, text: string): Promise<Result<void, Failure>> {
  try {
    await writeDurably(full, text);
    return ok(undefined);
  } catch (error) {
    return err({ code: 'file-unwritable', path, reason: reasonOf(error) });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isOverlooked(error)) throw error;
    return [];
  }
}

/** What the next command that holds a pipeline's lock sweeps: that it cannot be removed now is no failure of this one. */
const isLeftover = (path: string): boolean => /^\.refit\/(tmp|aside)\/./.test(path);

/** Store copies are read-only; a folder needs no more than its own write bit to lose them. */
const removeWhole = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

async function moveWhole(from: string, to: string): Promise<void> {
  // rename refuses to replace a folder that is not empty
  await removeWhole(to);
  await moveDurably(from, to);
}
