import { type Dirent, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { systemCode } from '../domain/support/system-error.js';

/** Folders of refit's own below `.refit` whose names can be foretold: a link in them would lead writes elsewhere. */
const LOOKED_INTO = ['', 'tmp', 'cache', 'cache/performance', 'locks', 'logs', 'aside', 'backtest', 'store'] as const;

/** The folder is refit's own: whatever in it is a link leads elsewhere, and was not put there by refit. */
export function checkRefitFolder(root: string): Result<void, Failure> {
  const link = firstLink(root);
  if (link === undefined) return ok(undefined);
  return err({
    code: 'integrity',
    what: link,
    expected: 'a file or folder of refit',
    found: 'a link to another place',
    next: 'refit writes through no link in .refit: take it away; to keep the store on another disk, write "store: <folder>" in refit.yaml',
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
    // not there, or not to be looked into by this user
    return [];
  }
}

/** `<purpose>-<pid>-<random>`: only such names are refit's to delete, and only when the process is gone. */
const MADE = /^[a-z][a-z-]*-(\d+)-[A-Za-z0-9]+$/;

/** The process that made a folder in `.refit/tmp`; `undefined` of a name that refit does not give. */
function makerOf(name: string): number | undefined {
  const pid = MADE.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** A folder for this process alone, made when it is first asked for. */
export interface OwnFolder {
  readonly path: () => string;
  readonly remove: () => void;
}

/**
 * Below `.refit/tmp` where `root` is a workspace that may be written, else in the system's temporary folder. Folders that were
 * not there before go with it: a command that only reads leaves none. What killed processes left is taken away.
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
      rmSync(own.path, { recursive: true, force: true });
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
    // a workspace that refit has worked in before keeps its folders
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

function sweep(folder: string, purpose: string): void {
  for (const { name } of entriesOf(folder)) {
    const pid = name.startsWith(`${purpose}-`) ? makerOf(name) : undefined;
    if (pid !== undefined && !isInUse(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // another user's process may not be asked, and lives
    return systemCode(error) === 'EPERM';
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // another process has come to use it meanwhile
  }
}
