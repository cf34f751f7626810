import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path';
import { systemCode } from '../../domain/support/system-error.js';

export interface Repository {
  /** Holds HEAD and the index. Of a linked work tree it is a folder of its own. */
  readonly gitFolder: string;
  /** Holds objects, branches and settings. */
  readonly commonFolder: string;
  /** The top of the work tree. */
  readonly top: string;
  /** Path of the workspace from the top, empty or with a slash at its end. */
  readonly below: string;
}

/** `gitdir: …`, `ref: …` and `commondir` are one line. */
const MOST_BYTES = 4096;

/**
 * The repository that a folder lies in. Only `.git` counts: git itself would also take a folder that merely looks like a bare
 * repository, and a clone can bring one with settings of its own.
 */
export function findRepository(folder: string): Repository | undefined {
  const start = realpathSync(folder);
  const ceilings = (process.env.GIT_CEILING_DIRECTORIES ?? '').split(delimiter);
  for (let top = start; ; top = dirname(top)) {
    const found = repositoryAt(top);
    if (found !== undefined) {
      const below = relative(top, start).split(sep).join('/');
      return { ...found, top, below: below === '' ? '' : `${below}/` };
    }
    if (top === dirname(top) || ceilings.includes(dirname(top))) return fromEnvironment(start);
  }
}

/** The repository of a submodule. `undefined` if it was never cloned. */
export function findSubmodule(folder: string): Repository | undefined {
  try {
    const repository = findRepository(folder);
    return repository?.below === '' ? repository : undefined;
  } catch {
    // the folder is not here
    return undefined;
  }
}

/** As in a hook of git, or for a work tree without `.git`. */
function fromEnvironment(top: string): Repository | undefined {
  const { GIT_DIR: folder } = process.env;
  const found = folder === undefined ? undefined : foldersOf(resolve(top, folder));
  return found === undefined ? undefined : { ...found, top, below: '' };
}

function repositoryAt(top: string) {
  const path = join(top, '.git');
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return stat === undefined ? undefined : foldersOf(path);
  const target = /^gitdir: (.+)$/m.exec(smallFile(path) ?? '')?.[1];
  return target === undefined ? undefined : foldersOf(resolve(top, target));
}

function foldersOf(gitFolder: string) {
  const common = smallFile(join(gitFolder, 'commondir'));
  const commonFolder = common === undefined ? gitFolder : resolve(gitFolder, common.trim());
  const isRepository = smallFile(join(gitFolder, 'HEAD')) !== undefined && isFolder(join(commonFolder, 'objects'));
  return isRepository ? { gitFolder, commonFolder } : undefined;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The text of a small regular file; `undefined` for anything else. */
export function smallFile(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true && stat.size <= MOST_BYTES ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
