import { type Dirent, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { makerOf } from '../domain/support/scratch-name.js';
import { systemCode } from '../domain/support/system-error.js';

/** Folders in `.refit` whose names can be predicted: a link in them would redirect what refit writes. */
const LOOKED_INTO = [
  '',
  'tmp',
  'cache',
  'cache/performance',
  'locks',
  'logs',
  'aside',
  'backtest',
  'parents',
  'earlier',
  'new',
  'store',
  'containers',
  'images',
] as const;

/** refit makes no links in its own folder, so each one was put there by somebody else and leads elsewhere. */
export function checkRefitFolder(root: string): Result<void, Failure> {
  const link = firstLink(root);
  if (link === undefined) return ok(undefined);
  return err({
    code: 'integrity',
    what: link,
    expected: 'a file or folder of refit',
    found: 'a link to another place',
    next: 'refit follows no link in .refit: replace it by a real folder, or mount the other disk there',
  });
}

function firstLink(root: string): string | undefined {
  if (isLink(join(root, '.refit'))) return '.refit';
  for (const folder of LOOKED_INTO) {
    const found = entriesOf(join(root, '.refit', folder)).find((entry) => entry.isSymbolicLink());
    if (found !== undefined) return ['.refit', folder, found.name].filter((part) => part !== '').join('/');
  }
  return undefined;
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // It does not exist, or this user may not list it.
    return [];
  }
}

/**
 * Tells git to ignore everything in `.refit`, the file itself included: a checkout must never put an older registry in place. A
 * file that is there stays as it is. Where it cannot be written, the command's own writing says so.
 */
export function ignoreRefitFolder(root: string): void {
  const path = join(root, '.refit', '.gitignore');
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) writeFileSync(path, '*\n', { flag: 'wx' });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

/** A folder for this process only, made at the first use. */
export interface OwnFolder {
  readonly path: () => string;
  readonly remove: () => void;
}

/**
 * Below `.refit/tmp` if `root` is a workspace that can be written, else in the system's temporary folder. Removes the parents that
 * it made too, so that a command that only reads leaves none. Removes what killed processes left.
 */
export function createOwnFolder(root: string, purpose: string, isWorkspace: boolean): OwnFolder {
  let own: { readonly path: string; readonly made: readonly string[] } | undefined;
  return {
    path: () => {
      own ??= (isWorkspace ? makeBelow(root, purpose) : undefined) ?? {
        path: mkdtempSync(join(tmpdir(), `refit-${purpose}-${process.pid}-`)),
        made: [],
      };
      return own.path;
    },
    remove: () => {
      if (own === undefined) return;
      removeLeftover(own.path);
      for (const folder of [...own.made].reverse()) removeEmpty(folder);
      own = undefined;
    },
  };
}

function makeBelow(root: string, purpose: string) {
  const folders = [join(root, '.refit'), join(root, '.refit', 'tmp')];
  try {
    const made = folders.filter(makeFolder);
    const [first = root, parent = root] = folders;
    sweep(parent, purpose);
    // A workspace in which refit has worked before keeps its folders.
    return { path: mkdtempSync(join(parent, `${purpose}-${process.pid}-`)), made: made.includes(first) ? made : [] };
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    throw error;
  }
}

/** Removes what killed processes left for a purpose. */
export function sweep(folder: string, purpose: string): void {
  for (const { name } of entriesOf(folder)) {
    const pid = name.startsWith(`${purpose}-`) ? makerOf(name) : undefined;
    if (pid !== undefined && !isInUse(pid)) removeLeftover(join(folder, name));
  }
}

/** A leftover does no harm, and another user's cannot be removed. */
function removeLeftover(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists and belongs to another user.
    return systemCode(error) === 'EPERM';
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another process uses it by now.
  }
}
