import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { ContentHash } from '../../domain/ids.js';
import { openCacheDatabase } from './cache-database.js';
import { earliestNowMs } from './file-clock.js';
import { type FileStat, isSettled } from './file-stat.js';

/** A file's stat, with its path in the workspace as the key. */
interface StatOf {
  readonly key: string;
  readonly stat: FileStat;
}

interface HashOf extends StatOf {
  readonly hash: ContentHash;
}

/** Hashes by stat. Only an optimization: if the cache fails, files are read. */
export interface StatCache extends Disposable {
  /** One result for each file, in order; `undefined` if the file must be read. */
  readonly find: (files: readonly StatOf[]) => readonly (ContentHash | undefined)[];
  /** The time to pass to `remember`, in epoch ms. Taken before the files are read. */
  readonly nowMs: () => number;
  /** Stores, in one transaction, the hashes of files that had settled by `beforeMs`. */
  readonly remember: (hashes: readonly HashOf[], beforeMs: number) => void;
  /** Deletes rows whose file is gone, and returns their number. With `isDry` it only counts. */
  readonly prune: (isGone: (key: string) => boolean, isDry: boolean) => number;
}

type Row = [ino: number, size: number, mtimeMs: number, ctimeMs: number, hashedMs: number, hash: string];

/** Opens or creates the cache. A damaged one is created again, and without write access it is kept in memory. */
export function openStatCache(path: string): StatCache {
  const db = openCacheDatabase(path);
  const select = db
    .prepare<[string], Row>('SELECT ino, size, mtime_ms, ctime_ms, hashed_ms, hash FROM file_stat WHERE path = ?')
    .raw();
  const upsert = db.prepare('INSERT OR REPLACE INTO file_stat VALUES (?, ?, ?, ?, ?, ?, ?)');
  const findMany = db.transaction((files: readonly StatOf[]) => {
    const nowMs = Date.now();
    return files.map(({ key, stat }) => hashIn(select.get(key), stat, nowMs));
  });
  /** Steps that run ask for one file at a time, and often for the same one. */
  const asked = new Map<string, Row>();
  const findOne = ({ key, stat }: StatOf): ContentHash | undefined => {
    const known = hashIn(asked.get(key), stat, Date.now());
    if (known !== undefined) return known;
    const row = select.get(key);
    if (row !== undefined) asked.set(key, row);
    return hashIn(row, stat, Date.now());
  };
  const keep = db.transaction((hashes: readonly HashOf[], beforeMs: number) => {
    for (const { key, stat, hash } of hashes)
      upsert.run(key, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs, beforeMs, hash);
  });
  return {
    find: (files) => unlessSqliteFails(() => (files.length > 1 ? findMany(files) : files.map(findOne)), []),
    nowMs: () => (db.memory ? Date.now() : earliestNowMs(dirname(path))),
    remember: (hashes, beforeMs) => {
      const settled = hashes.filter(({ stat }) => isSettled(stat, beforeMs));
      if (settled.length > 0) unlessSqliteFails(() => keep.immediate(settled, beforeMs), undefined);
    },
    prune: (isGone, isDry) => unlessSqliteFails(() => prune(db, isGone, isDry), 0),
    [Symbol.dispose]: () => db.close(),
  };
}

/** A row from the future was written before the clock was set back. Its time may come again, so it is not trusted. */
function hashIn(row: Row | undefined, stat: FileStat, nowMs: number): ContentHash | undefined {
  if (row === undefined) return undefined;
  const [ino, size, mtimeMs, ctimeMs, hashedMs, hash] = row;
  const isSame = ino === stat.ino && size === stat.size && mtimeMs === stat.mtimeMs && ctimeMs === stat.ctimeMs;
  return isSame && hashedMs <= nowMs ? (hash as ContentHash) : undefined;
}

function unlessSqliteFails<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Database.SqliteError) return otherwise;
    throw error;
  }
}

function prune(db: Database.Database, isGone: (key: string) => boolean, isDry: boolean): number {
  const rows = db.prepare<[], { path: string }>('SELECT path FROM file_stat').all();
  const gone = rows.filter(({ path }) => isGone(path));
  const forget = db.prepare('DELETE FROM file_stat WHERE path = ?');
  if (!isDry) db.transaction(() => gone.forEach(({ path }) => void forget.run(path))).immediate();
  return gone.length;
}
