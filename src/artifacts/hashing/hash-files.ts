import type { ContentHash } from '../../domain/ids.js';
import type { FileStat } from './file-stat.js';
import type { FileHash } from './hash-file.js';
import type { HashPool } from './hash-pool.js';
import type { StatCache } from './stat-cache.js';

export interface Hasher {
  readonly cache: () => StatCache;
  readonly pool: HashPool;
}

/** A file to hash: its key in the cache, its path, and its current stat. */
export interface FileAsk {
  readonly key: string;
  readonly full: string;
  readonly stat: FileStat;
}

export type FileAnswer =
  | { readonly kind: 'hashed'; readonly hash: ContentHash; readonly size: number }
  | { readonly kind: 'unreadable'; readonly code: string };

/**
 * Hashes files, one result for each in order. Looks them up in the stat cache with one query, reads the others on all
 * cores, and calls `beside` meanwhile.
 */
export async function hashFiles(
  hasher: Hasher,
  asks: readonly FileAsk[],
  beside?: () => void,
): Promise<readonly FileAnswer[]> {
  if (asks.length === 0) return [];
  const known = hasher.cache().find(asks);
  const answers = asks.map(({ stat }, i): FileAnswer | undefined => {
    const hash = known[i];
    return hash === undefined ? undefined : { kind: 'hashed', hash, size: stat.size };
  });
  const missing = [...asks.keys()].filter((i) => answers[i] === undefined);
  missing.sort((a, b) => (asks[b]?.stat.size ?? 0) - (asks[a]?.stat.size ?? 0));
  const read = await readFiles(
    hasher,
    missing.map((i) => asks[i] as FileAsk),
    beside,
  );
  missing.forEach((at, i) => {
    answers[at] = read[i];
  });
  return answers as FileAnswer[];
}

/**
 * Reads files without asking the cache, and stores their hashes in one transaction. Fastest if the caller sorts them
 * largest first.
 */
export async function readFiles(
  { cache, pool }: Hasher,
  asks: readonly FileAsk[],
  beside?: () => void,
): Promise<readonly FileHash[]> {
  if (asks.length === 0) return [];
  const beforeMs = cache().nowMs();
  const files = asks.map(({ full, stat }) => ({ path: full, size: stat.size }));
  const reading = pool.hash(files, beside !== undefined);
  beside?.();
  const read = await reading;
  const hashes = read.flatMap((one, i) => (one.kind === 'hashed' ? [{ ...one, key: asks[i]?.key ?? '' }] : []));
  cache().remember(hashes, beforeMs);
  return read;
}
