import type { ContentHash } from '../domain/ids.js';
import type { Artifact } from '../domain/runs/artifact.js';
import { hashBytes } from './hashing/hash-file.js';

/** One entry of a folder's manifest, by path below the folder. A link that leads out carries its target's content. */
export type ManifestEntry =
  | { readonly path: string; readonly hash: ContentHash; readonly size: number; readonly isExecutable?: true }
  | { readonly path: string; readonly link: string; readonly hash?: ContentHash }
  | { readonly path: string; readonly isEmptyFolder: true };

export interface Manifest {
  readonly artifact: Artifact;
  readonly text: string;
}

/** First line of every manifest. It tells an empty folder from an empty file, and a folder from a user's file. */
const HEADER = 'refit folder 1';

/** Text and hash of a folder: the header, then one line of JSON for each entry, sorted by path. */
export function toManifest(entries: readonly ManifestEntry[]): Manifest {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const text = [HEADER, ...sorted.map((entry) => JSON.stringify(entry)), ''].join('\n');
  const size = entries.reduce((sum, entry) => sum + ('size' in entry ? entry.size : 0), 0);
  return { artifact: { hash: hashBytes(text), kind: 'folder', size }, text };
}

/**
 * Entries of a manifest. `undefined` if any of it is not in the form that `toManifest` writes: another header, a path that
 * leads out of the folder or lies below a file or link, a hash of another form. Manifests come from other machines too.
 */
export function parseManifest(text: string): readonly ManifestEntry[] | undefined {
  try {
    const [header, ...lines] = text.trimEnd().split('\n');
    if (header !== HEADER) return undefined;
    const entries = lines.map((line): unknown => JSON.parse(line));
    return entries.every(isEntry) && isTree(entries) ? entries : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isBelow = (path: string): boolean =>
  !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part));

const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

function isEntry(value: unknown): value is ManifestEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { path, hash, size, link, isExecutable, isEmptyFolder } = value as Readonly<Record<string, unknown>>;
  if (typeof path !== 'string' || !isBelow(path)) return false;
  if (isEmptyFolder !== undefined) return isEmptyFolder === true && size === undefined && link === undefined;
  if (link !== undefined)
    return (
      typeof link === 'string' &&
      link !== '' &&
      !link.includes('\0') &&
      size === undefined &&
      (hash === undefined || isHash(hash))
    );
  return (
    isHash(hash) && Number.isSafeInteger(size) && Number(size) >= 0 && [undefined, true].includes(isExecutable as true)
  );
}

/** Whether every path is there once, and none lies below a file or a link. */
function isTree(entries: readonly ManifestEntry[]): boolean {
  const ends = new Set(entries.map(({ path }) => path));
  if (ends.size !== entries.length) return false;
  return entries.every(({ path }) => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (ends.has(path.slice(0, at))) return false;
    return true;
  });
}

/** Whether an entry is no link, or one that leads to something in the same folder. */
export function staysInside(entry: ManifestEntry): boolean {
  if (!('link' in entry)) return true;
  if (entry.link.startsWith('/')) return false;
  let depth = entry.path.split('/').length - 1;
  for (const part of entry.link.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return false;
  }
  return true;
}
