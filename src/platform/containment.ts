import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** Folders that nothing a pipeline, a remote or the registry names may write to. */
const RESERVED = ['.git', '.refit'] as const;

const isBelow = (folder: string, path: string): boolean => {
  const inside = relative(folder, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !inside.startsWith('/');
};

/** Where a path really leads, links followed; of one that is not there yet, its deepest folder that is. */
export function realPlace(path: string): string {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return realpathSync(path);
  } catch {
    // a link that leads nowhere, a folder that is a file, or one that may not be read
  }
  const parent = dirname(path);
  return parent === path ? path : join(realPlace(parent), basename(path));
}

/** Whoever can move a workspace while a command runs in it can write to its `.refit` anyway. */
const roots = new Map<string, string>();

/** Where the root of a workspace really is. Asked of every output. */
function realRootOf(root: string): string {
  const real = roots.get(root) ?? realPlace(root);
  roots.set(root, real);
  return real;
}

/**
 * Why a stored path may not be written, or `undefined`. It must lie in the workspace as it is written. Where it really leads,
 * links followed, it may not be in `.git` or `.refit`; a path below `.refit`, which is refit's own, must really be there.
 */
export function faultOfPlace(root: string, path: string): string | undefined {
  const full = resolve(root, path);
  if (!isBelow(root, full) || full === root) return 'it leads out of the workspace';
  const realRoot = realRootOf(root);
  const real = realPlace(isLink(full) ? dirname(full) : full);
  const own = join(realRoot, '.refit');
  if (isBelow(join(root, '.refit'), full)) return isBelow(own, real) ? undefined : 'a link in it leads out of .refit';
  const reserved = RESERVED.find((name) => isBelow(join(realRoot, name), real));
  return reserved === undefined ? undefined : `it lies in ${reserved}`;
}

/** A link at the place itself is replaced or written through by whoever owns it; its folder is what counts for a rename. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    // It is not there, or one of its folders is a file: whoever writes it says so.
    return false;
  }
}

/** Why an output of a pipeline may not lie there: the target of a link at the place itself counts too. */
export function faultOfOutput(root: string, path: string): string | undefined {
  const realRoot = realRootOf(root);
  const real = realPlace(resolve(root, path));
  const reserved = RESERVED.find((name) => isBelow(join(realRoot, name), real));
  return reserved === undefined ? undefined : `it lies in ${reserved}`;
}

/**
 * Why a step may not write an output there: the place itself is a link to another disk or folder. A step's old output is moved
 * aside before it runs, so the link would be replaced and what it leads to would stay old.
 */
export function faultOfLink(root: string, path: string): string | undefined {
  const full = resolve(root, path);
  if (!isLink(full)) return undefined;
  const real = realPlace(full);
  if (isBelow(realRootOf(root), real)) return undefined;
  return `it is a link to ${real}, which refit would replace: make the folder above it the link instead`;
}

/**
 * Why a result may not be written to a place in the workspace: a folder above it is a link that leads out. A clone can bring one,
 * and the user named a place in the workspace.
 */
export function faultOfFolder(root: string, full: string): string | undefined {
  const folder = dirname(full);
  if (!isBelow(root, folder)) return undefined;
  const real = realPlace(folder);
  return isBelow(realRootOf(root), real)
    ? undefined
    : `its folder leads out of the workspace, to ${real}: name that folder`;
}

/** The real path of a file that is read by a stored path; `undefined` where it is not below `folder`. */
export function realPathBelow(folder: string, path: string): string | undefined {
  const real = realPlace(path);
  return isBelow(realPlace(folder), real) ? real : undefined;
}
