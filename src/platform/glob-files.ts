import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { compileGlob, type Glob, type GlobPlaces, placesAt } from '../domain/support/glob.js';
import { isOverlooked } from '../domain/support/system-error.js';
import type { Reach } from './reach.js';

interface Walk {
  readonly root: string;
  readonly reach: Reach;
  readonly glob: Glob;
  readonly found: Set<string>;
  readonly count: { folders: number; links: number };
}

/** Links in folders that were reached through links can multiply the paths without end. */
const MOST_NESTED_LINKS = 300;
/** A signal is answered between two pieces of work. */
const FOLDERS_AT_ONCE = 200;

/**
 * The files that match, sorted. Folders behind links are looked into where `reach` has them. Pipes and devices are among the
 * files, so that whoever reads them can name them.
 */
export async function globFiles(root: string, patterns: readonly string[], reach: Reach): Promise<readonly string[]> {
  const found = new Set<string>();
  const count = { folders: 0, links: 0 };
  for (const pattern of patterns) {
    const glob = compileGlob(pattern, { hasDots: /(^|\/)\./.test(pattern) });
    const walk: Walk = { root, reach, glob, found, count };
    for (const base of outermost(glob.bases)) await startAt(walk, base);
  }
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

/** Folders inside others of the list are walked with them. */
const outermost = (bases: readonly string[]): readonly string[] =>
  bases.filter((base) => !bases.some((other) => other !== base && (other === '.' || base.startsWith(`${other}/`))));

async function startAt(walk: Walk, base: string): Promise<void> {
  if (isIgnored(base)) return;
  const real = realFolder(join(walk.root, base));
  const places = placesAt(walk.glob, base);
  if (real === undefined) {
    // `a.csv/**` matches the file `a.csv`.
    if (walk.glob.isMatch(places) && isThere(join(walk.root, base))) walk.found.add(base);
    return;
  }
  if (!walk.reach.has(real)) return walk.reach.tellSkipped(base, real);
  await walkFolder(walk, { path: base, places, open: [real] });
}

function realFolder(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? realpathSync(path) : undefined;
  } catch (error) {
    if (isOverlooked(error)) throw error;
    // It does not exist.
    return undefined;
  }
}

/** A file, or what stands in its place: whoever reads it says what is wrong with it. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch (error) {
    if (isOverlooked(error)) throw error;
    return false;
  }
}

const isIgnored = (path: string): boolean => /^\.(?:git|refit)(?:\/|$)|(?:^|\/)node_modules(?:\/|$)/.test(path);

/** At the top of many file systems. What it holds belongs to the administrator, as only he may list it. */
const LOST = 'lost+found';

interface Place {
  readonly path: string;
  readonly places: GlobPlaces;
  /** Real paths of the folders above: a link back into one of them is not followed. */
  readonly open: readonly string[];
}

async function walkFolder(walk: Walk, { path, places, open }: Place): Promise<void> {
  walk.count.folders += 1;
  if (walk.count.folders % FOLDERS_AT_ONCE === 0) await setImmediate();
  for (const entry of entriesOf(join(walk.root, path))) {
    const below = path === '.' ? entry.name : `${path}/${entry.name}`;
    const next = walk.glob.step(places, entry.name);
    if (next.size === 0 || isIgnored(below) || entry.name === LOST) continue;
    if (entry.isDirectory()) await walkFolder(walk, { path: below, places: next, open });
    else if (entry.isSymbolicLink()) await walkLink(walk, { path: below, places: next, open });
    else if (walk.glob.isMatch(next)) walk.found.add(below);
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isOverlooked(error)) throw error;
    // It is gone.
    return [];
  }
}

async function walkLink(walk: Walk, { path, places, open }: Place): Promise<void> {
  const full = join(walk.root, path);
  const target = statSync(full, { throwIfNoEntry: false });
  if (target === undefined) {
    if (walk.glob.isMatch(places)) walk.reach.tellBroken(path);
    return;
  }
  if (!target.isDirectory()) {
    // Whoever reads the file checks where it lies.
    if (walk.glob.isMatch(places)) walk.found.add(path);
    return;
  }
  const real = realFolder(full);
  if (real === undefined || !walk.glob.isOpen(places) || open.includes(real)) return;
  if (open.length > 1) walk.count.links += 1;
  if (!walk.reach.has(real) || walk.count.links > MOST_NESTED_LINKS) return walk.reach.tellSkipped(path, real);
  await walkFolder(walk, { path, places, open: [...open, real] });
}
