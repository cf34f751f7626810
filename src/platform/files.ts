import {
  type Dirent,
  existsSync,
  readdir as listFolder,
  mkdirSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, mkdtemp, readdir, readlink, rm, statfs } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { FileStat, Files } from '../domain/ports/platform.js';
import { plainGlob } from '../domain/support/glob.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { reasonOf, systemCode } from '../domain/support/system-error.js';

import { faultOfLink, faultOfOutput, realPathBelow, realPlace } from './containment.js';

import { discard, ensureFolder, linkDurably, moveDurably, writeDurably } from './durable-files.js';
import { readRegularText } from './regular-file.js';

/** Files below one workspace root; a path that leads out of it is a bug of the caller, paths of users are checked at parse time. */
export function createFiles(root: string, roots: () => readonly string[] = () => []): Files {
  const absolute = (path: string): string => {
    if (isPlain(path)) return join(root, path);
    const full = resolve(root, path);
    const inside = relative(root, full);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      throw new Error(`internal error: path leads out of the workspace: ${path}`);
    return full;
  };
  const scratch: string[] = [];
  return {
    root,
    absolute,
    stat: (path) => statOf(absolute(path)),
    readText: (path) => readText(absolute(path), path),
    readConfig: async (path) => {
      const full = absolute(path);
      // refit.yaml is read for its roots only where the file does not lie in the workspace itself
      const isBelow = (folder: string): boolean => realPathBelow(folder, full) !== undefined;
      const isInside = isBelow(root) || roots().some(isBelow);
      return isInside
        ? readText(full, path)
        : err({ code: 'data-outside-workspace', source: path, path: realPlace(full) });
    },
    writeText: (path, text) => writeText(absolute(path), path, text),
    writeScratch: async (path, text) => writeFileSync(absolute(path), text),
    faultOfOutput: (path) => faultOfOutput(root, absolute(path)),
    faultOfLink: (path) => faultOfLink(root, absolute(path)),
    glob: (patterns) => globBelow(root, patterns),
    makeFolder: async (path) => {
      const folder = absolute(path);
      if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    },
    makeFolderDurably: (path) => ensureFolder(absolute(path)),
    makeScratch: async (prefix) => {
      const parent = absolute('.refit/tmp');
      await mkdir(parent, { recursive: true });
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
  return { kind, size: found.size, mtimeMs: found.mtimeMs };
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

/** A folder that this process has no descriptor for, or that a broken disk holds, must not look empty: files would be overlooked. */
const isOverlooked = (error: unknown): boolean => /^(EIO|EMFILE|ENFILE|ENOMEM|ESTALE)$/.test(systemCode(error) ?? '');

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isOverlooked(error)) throw error;
    return [];
  }
}

async function globBelow(root: string, patterns: readonly string[]): Promise<readonly string[]> {
  const { glob } = await import('tinyglobby');
  let refused: unknown;
  // tinyglobby treats each folder that cannot be listed as empty
  const list = ((path: string, options: { readonly withFileTypes: true }, done: ListedFolder) =>
    listFolder(path, options, (error, entries) => {
      if (isOverlooked(error)) refused = error;
      done(error, entries);
    })) as typeof listFolder;
  const files = await glob(patterns.map(plainGlob), {
    fs: { readdir: list },
    extglob: false,
    cwd: root,
    dot: patterns.some((pattern) => /(^|\/)\./.test(pattern)),
    ignore: ['.refit/**', '**/node_modules/**', '.git/**'],
    expandDirectories: false,
    followSymbolicLinks: true,
  });
  if (refused !== undefined) throw refused;
  return files.sort((a, b) => (a < b ? -1 : 1));
}

type ListedFolder = (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void;

/** What the next command that holds a pipeline's lock sweeps: that it cannot be removed now is no failure of this one. */
const isLeftover = (path: string): boolean => /^\.refit\/(tmp|aside)\/./.test(path);

/** Store copies are read-only; a folder needs no more than its own write bit to lose them. */
const removeWhole = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

async function moveWhole(from: string, to: string): Promise<void> {
  // rename refuses to replace a folder that is not empty
  await removeWhole(to);
  await moveDurably(from, to);
}
