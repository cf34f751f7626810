import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Failure } from '../domain/failure.js';

/** Where data may be read: the workspace, the roots that refit.yaml allows, and what the command line names. */
export interface Places {
  /** Further files, patterns or folders; only before DuckDB is opened, which is told once. */
  readonly allow: (paths: readonly string[]) => void;
  /** Absolute folders, with everything below them, and single files. */
  readonly all: () => { readonly folders: readonly string[]; readonly files: readonly string[] };
  /** Why a file may not be read as data; `undefined` if it may, or if nothing is there. `source`: its name in the failure. */
  readonly fault: (path: string, source: string) => Failure | undefined;
}

/** `roots`: folders and files outside the workspace that refit.yaml allows. */
export function createPlaces(root: string, roots: () => readonly string[]): Places {
  const named: string[] = [];
  let known: { readonly folders: readonly string[]; readonly files: readonly string[] } | undefined;
  const find = () => {
    const given = [...roots(), ...named];
    const places = [root, ...given].flatMap((path) => [resolve(root, path), realPath(resolve(root, path))]);
    const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    return {
      folders: [...new Set(places.filter(isFolder))],
      files: [...new Set(places.filter((path) => !isFolder(path)))],
    };
  };
  const all = () => {
    known ??= find();
    return known;
  };
  return {
    allow: (paths) => {
      named.push(...paths.map(folderOfPattern));
      known = undefined;
    },
    all,
    fault: (path, source) => {
      const real = realPath(resolve(root, path));
      const { folders, files } = all();
      if (!folders.some((folder) => isWithin(folder, real)) && !files.includes(real))
        return { code: 'data-outside-workspace', source, path: real };
      return isReadable(real)
        ? undefined
        : { code: 'data-unreadable', source, reason: 'it is a pipe or a device, not a file' };
    },
  };
}

/** A pattern stands for the files below the folder before its first wildcard. */
export function folderOfPattern(path: string): string {
  if (!/[*?[{]/.test(path) || statSync(path, { throwIfNoEntry: false }) !== undefined) return path;
  return dirname(path.slice(0, path.search(/[*?[{]/) + 1));
}

/** Of what is not there, the place where it would be. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), path.slice(parent.length));
  }
}

function isWithin(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

const isReadable = (path: string): boolean => {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined || found.isFile() || found.isDirectory();
};
