import { type Dirent, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MOST_NESTED_LINKS, type Reach } from '../platform/reach.js';
import { toFileStat } from './hashing/file-stat.js';
import type { FileAnswer, FileAsk } from './hashing/hash-files.js';
import { type ManifestEntry, toManifest } from './manifest.js';
import { readersThrough } from './modes.js';

/** A folder's entry before its files are hashed. A file refers to its index in the list of files to hash. */
type ListedEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly ask: number;
      readonly isExecutable: boolean;
      /** Who may read it, as the bits of a mode: its own, and those of the folders above it in the listing. */
      readonly readers: number;
    }
  | { readonly kind: 'link'; readonly path: string; readonly link: string; readonly leadsTo?: number | Listing }
  | { readonly kind: 'empty'; readonly path: string };

export type Listing = readonly ListedEntry[];

interface Walk {
  readonly folder: string;
  readonly real: string;
  readonly key: string;
  readonly asks: FileAsk[];
  readonly found: ListedEntry[];
  /** Real paths of the folders being listed. A link back into one of them is not followed. */
  readonly open: readonly string[];
  readonly reach: Reach;
  readonly count: { links: number };
}

/** refit's own folder and staging files left by a crash are never content. */
const isContent = ({ name }: Dirent): boolean => name !== '.refit' && !name.startsWith('.refit-');

/**
 * Lists everything below `folder`, and appends its files to `asks`. A link stays a link. One that leads out of the
 * folder also counts by its target's content, because nothing else would notice a change there, unless `reach` does not have
 * the target. Throws Node's errors.
 */
export function listFolder(
  folder: string,
  key: string,
  { open = [], count = { links: 0 }, ...more }: Pick<Walk, 'asks' | 'reach'> & Partial<Pick<Walk, 'open' | 'count'>>,
): Listing {
  const real = realpathSync(folder);
  const walk: Walk = { ...more, folder, real, key, count, found: [], open: [...open, real] };
  listBelow(walk, '', readersThrough(statSync(folder).mode));
  return walk.found;
}

function listBelow(walk: Walk, below: string, readers: number): void {
  const entries = readdirSync(join(walk.folder, below), { withFileTypes: true }).filter(isContent);
  if (entries.length === 0 && below !== '') walk.found.push({ kind: 'empty', path: below });
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) listBelow(walk, path, readers & readersThrough(statSync(join(walk.folder, path)).mode));
    else if (entry.isSymbolicLink()) walk.found.push(listLink(walk, path));
    else if (entry.isFile()) listFile(walk, path, readers);
  }
}

function listFile(walk: Walk, path: string, readers: number): void {
  const full = `${walk.folder}/${path}`;
  const found = statSync(full, { throwIfNoEntry: false });
  if (found === undefined) return;
  const ask = walk.asks.push({ key: `${walk.key}/${path}`, full, stat: toFileStat(found) }) - 1;
  walk.found.push({
    kind: 'file',
    path,
    ask,
    isExecutable: (found.mode & 0o100) !== 0,
    readers: found.mode & readers,
  });
}

function listLink(walk: Walk, path: string): ListedEntry {
  const full = `${walk.folder}/${path}`;
  const entry = { kind: 'link', path, link: readlinkSync(full) } as const;
  const target = statSync(full, { throwIfNoEntry: false });
  if (target === undefined) return entry;
  const real = realpathSync(full);
  if (walk.open.some((folder) => real === folder || real.startsWith(folder + sep))) return entry;
  const key = `${walk.key}/${path}`;
  if (walk.open.length > 1 && target.isDirectory()) walk.count.links += 1;
  if (!walk.reach.has(real) || (target.isDirectory() && walk.count.links > MOST_NESTED_LINKS)) {
    walk.reach.tellSkipped(key, real);
    return entry;
  }
  if (target.isDirectory()) return { ...entry, leadsTo: listFolder(full, key, walk) };
  if (!target.isFile()) return entry;
  return { ...entry, leadsTo: walk.asks.push({ key, full, stat: toFileStat(target) }) - 1 };
}

/** The files inside the folder itself, which a store must hold: the index of each, and who may read it. */
export const filesOf = (listing: Listing): readonly { readonly ask: number; readonly readers: number }[] =>
  listing.flatMap((entry) => (entry.kind === 'file' ? [{ ask: entry.ask, readers: entry.readers }] : []));

/** The manifest's entries after hashing, or the error code of the first unreadable file. */
export function toEntries(
  listing: Listing,
  answers: readonly (FileAnswer | undefined)[],
): readonly ManifestEntry[] | string {
  const entries: ManifestEntry[] = [];
  for (const listed of listing) {
    const entry = toEntry(listed, answers);
    if (typeof entry === 'string') return entry;
    entries.push(entry);
  }
  return entries;
}

function toEntry(listed: ListedEntry, answers: readonly (FileAnswer | undefined)[]): ManifestEntry | string {
  const { path } = listed;
  if (listed.kind === 'empty') return { path, isEmptyFolder: true };
  if (listed.kind === 'link' && typeof listed.leadsTo === 'object') {
    const entries = toEntries(listed.leadsTo, answers);
    return typeof entries === 'string' ? entries : { path, link: listed.link, hash: toManifest(entries).artifact.hash };
  }
  if (listed.kind === 'link' && listed.leadsTo === undefined) return { path, link: listed.link };
  const answer = answers[listed.kind === 'file' ? listed.ask : (listed.leadsTo as number)];
  if (answer?.kind !== 'hashed') return answer?.code ?? 'ENOENT';
  if (listed.kind === 'link') return { path, link: listed.link, hash: answer.hash };
  return { path, hash: answer.hash, size: answer.size, ...(listed.isExecutable ? { isExecutable: true } : {}) };
}
