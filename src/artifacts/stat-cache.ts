import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { ContentHash } from '../domain/ids.js';

/** What identifies a file's bytes without reading them, as decimal text (nanoseconds do not fit a double). */
export interface StatKey {
  readonly ino: string;
  readonly size: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
}

/** Hashes by stat; a lost row costs one more read, so this one database runs with synchronous NORMAL. */
export interface StatCache extends Disposable {
  readonly get: (path: string, key: StatKey) => ContentHash | undefined;
  readonly set: (path: string, key: StatKey, hash: ContentHash) => void;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS file_hash(
  path TEXT PRIMARY KEY, ino TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns TEXT NOT NULL, ctime_ns TEXT NOT NULL,
  hash TEXT NOT NULL) STRICT, WITHOUT ROWID`;

export function openStatCache(path: string): StatCache {
  mkdirSync(dirname(path), { recursive: true });
  const db = new Database(path, { timeout: 10_000 });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec(SCHEMA);
  const select = db.prepare<[string, string, number, string, string], { hash: string }>(
    'SELECT hash FROM file_hash WHERE path = ? AND ino = ? AND size = ? AND mtime_ns = ? AND ctime_ns = ?',
  );
  const upsert = db.prepare('INSERT OR REPLACE INTO file_hash VALUES (?, ?, ?, ?, ?, ?)');
  return {
    get: (file, key) => select.get(file, key.ino, key.size, key.mtimeNs, key.ctimeNs)?.hash as ContentHash | undefined,
    set: (file, key, hash) => void upsert.run(file, key.ino, key.size, key.mtimeNs, key.ctimeNs, hash),
    [Symbol.dispose]: () => db.close(),
  };
}
