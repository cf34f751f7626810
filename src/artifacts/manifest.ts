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
 * Entries of a manifest whose bytes were verified. `undefined` if it is no manifest, or has a path outside its folder,
 * as another store's might.
 */
export function parseManifest(text: string): readonly ManifestEntry[] | undefined {
  try {
    const [header, ...lines] = text.trimEnd().split('\n');
    if (header !== HEADER) return undefined;
    const entries = lines.map((line): ManifestEntry => JSON.parse(line));
    return entries.every(({ path }) => isBelow(path)) ? entries : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const isBelow = (path: string): boolean => path.split('/').every((part) => !['', '.', '..'].includes(part));
