import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact } from '../domain/artifact.js';
import type { ContentHash } from '../domain/ids.js';
import type { StatCache, StatKey } from './stat-cache.js';

/** One entry of a folder's manifest, by path below the folder. */
export type ManifestEntry =
  | { readonly path: string; readonly hash: ContentHash; readonly size: number; readonly isExecutable?: true }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly isEmptyFolder: true };

/** A file as young as this may change again within the clock's grain: its stat is not trusted. */
const TOO_RECENT_MS = 2000;

export const hashText = (text: string): ContentHash => createHash('sha256').update(text).digest('hex') as ContentHash;

export async function hashBytes(path: string): Promise<ContentHash> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
  return hash.digest('hex') as ContentHash;
}

/** Hash of a file's bytes, from the stat cache where its stat proves them unchanged. */
export async function hashFile(path: string, key: string, cache: StatCache | undefined): Promise<Artifact> {
  const before = await stat(path, { bigint: true });
  const statKey: StatKey = {
    ino: String(before.ino),
    size: Number(before.size),
    mtimeNs: String(before.mtimeNs),
    ctimeNs: String(before.ctimeNs),
  };
  const known = cache?.get(key, statKey);
  if (known !== undefined) return { hash: known, kind: 'file', size: statKey.size };
  const hash = await hashBytes(path);
  const newestMs = Math.max(Number(before.mtimeNs / 1_000_000n), Number(before.ctimeNs / 1_000_000n));
  if (Date.now() - newestMs > TOO_RECENT_MS) cache?.set(key, statKey, hash);
  return { hash, kind: 'file', size: statKey.size };
}

/** Every file, link and empty folder below `folder`, sorted by path; `.refit` is never part of one. */
export async function listManifest(
  folder: string,
  hashOne: (absolute: string, below: string) => Promise<Artifact>,
): Promise<readonly ManifestEntry[]> {
  const entries: ManifestEntry[] = [];
  const walk = async (below: string): Promise<void> => {
    const names = await readdir(join(folder, below), { withFileTypes: true });
    const kept = names.filter((entry) => entry.name !== '.refit');
    if (kept.length === 0 && below !== '') entries.push({ path: below, isEmptyFolder: true });
    for (const entry of kept) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isSymbolicLink()) entries.push({ path, link: await readlink(join(folder, path)) });
      else if (entry.isFile()) entries.push(await fileEntry(path, join(folder, path), hashOne));
    }
  };
  await walk('');
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function fileEntry(
  path: string,
  absolute: string,
  hashOne: (absolute: string, below: string) => Promise<Artifact>,
): Promise<ManifestEntry> {
  const { hash, size } = await hashOne(absolute, path);
  const isExecutable = ((await stat(absolute)).mode & 0o100) !== 0;
  return { path, hash, size, ...(isExecutable ? { isExecutable } : {}) };
}

export const manifestText = (entries: readonly ManifestEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');

export const parseManifest = (text: string): readonly ManifestEntry[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): ManifestEntry => JSON.parse(line));

export const manifestSize = (entries: readonly ManifestEntry[]): number =>
  entries.reduce((sum, entry) => sum + ('size' in entry ? entry.size : 0), 0);
