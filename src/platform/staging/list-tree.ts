import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { ListedEntry } from '../../domain/ports/staging.js';
import { systemCode } from '../../domain/support/system-error.js';

interface Listing {
  readonly root: string;
  /** A link may lead there. */
  readonly mayFollow: (real: string) => boolean;
  /** The folder within which a relative link may lead and stay a link. */
  readonly top: string;
  readonly found: ListedEntry[];
  /** Real paths of the folders that are being listed: a link back into one is not followed. */
  readonly open: readonly string[];
}

/**
 * What is at these paths, with what is below folders. A link that leads elsewhere counts as what it leads to, because on another
 * machine it would lead to nothing. A path where nothing is has no entry. Throws
 * Node's errors.
 */
export function listTree(
  root: string,
  paths: readonly string[],
  { mayFollow, isResult }: { readonly mayFollow: (real: string) => boolean; readonly isResult: boolean },
): readonly ListedEntry[] {
  const found = new Map<string, ListedEntry>();
  for (const path of paths) {
    const stat = statOf(join(root, path));
    if (stat === undefined) continue;
    const listing: Listing = { root, mayFollow, top: isResult ? '' : path, found: [], open: [] };
    list(listing, path, stat);
    for (const entry of listing.found) found.set(entry.path, entry);
  }
  return [...found.values()];
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR' || systemCode(error) === 'ELOOP') return undefined;
    throw error;
  }
}

const modeOf = ({ mode }: Stats): number => mode & 0o777;

function list(listing: Listing, path: string, stat: Stats): void {
  const { root, found, open } = listing;
  if (stat.isFile()) found.push({ kind: 'file', path, size: stat.size, mode: modeOf(stat) });
  if (!stat.isDirectory()) return;
  const real = realpathSync(join(root, path));
  if (open.some((folder) => real === folder || folder.startsWith(real + sep))) return;
  found.push({ kind: 'folder', path, mode: modeOf(stat) });
  const below = { ...listing, open: [...open, real] };
  for (const { name } of readdirSync(join(root, path), { withFileTypes: true }))
    if (name !== '.refit' && !name.startsWith('.refit-')) listOne(below, `${path}/${name}`);
}

function listOne(listing: Listing, path: string): void {
  const full = join(listing.root, path);
  const own = lstatSync(full, { throwIfNoEntry: false });
  if (own === undefined) return;
  if (!own.isSymbolicLink()) {
    list(listing, path, own);
    return;
  }
  const target = readlinkSync(full);
  const stat = statOf(full);
  const isKept = stat === undefined || staysWithin(listing.top, path, target) || !listing.mayFollow(realpathSync(full));
  if (isKept) listing.found.push({ kind: 'link', path, target });
  else list(listing, path, stat);
}

/** Whether a relative link leads to something below `top`; below the workspace where that is empty. */
function staysWithin(top: string, path: string, target: string): boolean {
  if (target.startsWith('/')) return false;
  const at = path.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..' && at.pop() === undefined) return false;
    if (part !== '' && part !== '.' && part !== '..') at.push(part);
  }
  const place = at.join('/');
  return top === '' || place === top || place.startsWith(`${top}/`);
}
