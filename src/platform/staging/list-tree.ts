import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { ListedEntry } from '../../domain/ports/staging.js';
import { leadsWithin } from '../../domain/runs/staged-job.js';
import { isAtOrBelow } from '../../domain/support/paths.js';
import { systemCode } from '../../domain/support/system-error.js';
import { MOST_NESTED_LINKS } from '../reach.js';

interface Listing {
  readonly root: string;
  /** A link may lead there. */
  readonly mayFollow: (real: string) => boolean;
  /** Links to these lead to folders of which more is listed. */
  readonly paths: readonly string[];
  readonly isResult: boolean;
  /** The folder within which a link may lead and stay a link. */
  readonly top: string;
  readonly found: ListedEntry[];
  /** Real paths of the folders that are being listed: a link back into one is not followed. */
  readonly open: readonly string[];
  /** How many links were followed down to here. */
  readonly depth: number;
  readonly count: { links: number };
}

/** A link in what a job made that would lead elsewhere, or nowhere, in the workspace. */
export class LeadsOut extends Error {
  readonly path: string;

  constructor(path: string, target: string) {
    super(`it leads to ${target}`);
    this.path = path;
  }
}

/**
 * What is at these paths, with what is below folders. A link that leads elsewhere counts as what it leads to, because on another
 * machine it would lead to nothing. A path where nothing is has no entry. `isResult`: every link is one that the workspace may take.
 * Throws Node's errors, and `LeadsOut`.
 */
export function listTree(
  root: string,
  paths: readonly string[],
  { mayFollow, isResult }: { readonly mayFollow: (real: string) => boolean; readonly isResult: boolean },
): readonly ListedEntry[] {
  const found = new Map<string, ListedEntry>();
  const count = { links: 0 };
  for (const path of paths) {
    const stat = statOf(join(root, path));
    if (stat === undefined) continue;
    const listing: Listing = { root, paths, mayFollow, isResult, top: path, found: [], open: [], depth: 0, count };
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
  const isNeeded = listing.paths.some((one) => isAtOrBelow(one, path));
  if (!isNeeded && leadsWithin(listing.top, path, target)) listing.found.push({ kind: 'link', path, target });
  else if (stat !== undefined && mayFollow(listing, full, stat))
    list({ ...listing, top: path, depth: listing.depth + 1 }, path, stat);
  else if (listing.isResult) throw new LeadsOut(path, target);
  else if (!isNeeded) listing.found.push({ kind: 'link', path, target });
}

/** Links in folders that were reached through links can multiply the paths without end, and one back into its own folder too. */
function mayFollow(listing: Listing, full: string, stat: Stats): boolean {
  const real = realpathSync(full);
  if (!stat.isDirectory()) return listing.mayFollow(real);
  if (listing.depth > 0) listing.count.links += 1;
  return listing.count.links <= MOST_NESTED_LINKS && !isOpen(listing, real) && listing.mayFollow(real);
}

const isOpen = ({ open }: Listing, real: string): boolean =>
  open.some((folder) => real === folder || folder.startsWith(real === sep ? sep : real + sep));
