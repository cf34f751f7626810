import type { ContentHash } from '../domain/ids.js';
import type { Artifact } from '../domain/runs/artifact.js';
import { hashBytes } from './hashing/hash-file.js';

/** One entry of a folder's manifest, by path below the folder. A link that leads out of it carries what it leads to. */
export type ManifestEntry =
  | { readonly path: string; readonly hash: ContentHash; readonly size: number; readonly isExecutable?: true }
  | { readonly path: string; readonly link: string; readonly hash?: ContentHash }
  | { readonly path: string; readonly isEmptyFolder: true };

export interface Manifest {
  readonly artifact: Artifact;
  readonly text: string;
}

/** First line of every manifest: an empty folder is no empty file, and no file of a user's is taken for a folder. */
const HEADER = 'refit folder 1';

/** Text and hash of a folder: the header, then one JSON line an entry, sorted by path. */
export function toManifest(entries: readonly ManifestEntry[]): Manifest {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const text = [HEADER, ...sorted.map((entry) => JSON.stringify(entry)), ''].join('\n');
  const size = entries.reduce((sum, entry) => sum + ('size' in entry ? entry.size : 0), 0);
  return { artifact: { hash: hashBytes(text), kind: 'folder', size }, text };
}

/** Entries of a manifest whose bytes were proved; `undefined` when it is none, or leads out of its folder as a foreign store's might. */
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
