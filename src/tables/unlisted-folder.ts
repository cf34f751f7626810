import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Failure } from '../domain/failure.js';
import { compileGlob, type Glob, type GlobPlaces, placesAt } from '../domain/support/glob.js';
import { isOverlooked } from '../domain/support/system-error.js';
import { worldFailure } from '../domain/support/world-failure.js';
import type { Connection } from './connection.js';

interface Walk {
  readonly glob: Glob;
  /** `**` follows no links, neither here nor in DuckDB. */
  readonly isDeep: boolean;
}

/** The first folder that a pattern looks into and that this user may not list. DuckDB finds such a folder empty. */
export function unlistedFolder({ root, placeFault }: Connection, pattern: string): Failure | undefined {
  const top = pattern.startsWith('/') ? '/' : root;
  const glob = compileGlob(pattern, { hasDots: /(^|\/)\./.test(pattern) });
  for (const base of glob.bases) {
    const folder = resolve(top, base);
    if (placeFault(folder, pattern) !== undefined) continue;
    const failure = lookInto({ glob, isDeep: pattern.includes('**') }, folder, placesAt(glob, base));
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function lookInto(walk: Walk, folder: string, places: GlobPlaces): Failure | undefined {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    return isOverlooked(error) ? worldFailure(error) : undefined;
  }
  for (const entry of entries) {
    const next = walk.glob.step(places, entry.name);
    const path = join(folder, entry.name);
    if (!walk.glob.isOpen(next) || entry.name === 'lost+found' || !isFolder(walk, entry, path)) continue;
    const failure = lookInto(walk, path, next);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function isFolder({ isDeep }: Walk, entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return !isDeep && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // a circle of links
    return false;
  }
}
