import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { createDatabaseFile } from '../../platform/database-file.js';

// REAL for all numbers, because a 64-bit inode does not fit an INTEGER that JavaScript can bind.
const SCHEMA = `CREATE TABLE IF NOT EXISTS file_stat(
  path TEXT PRIMARY KEY, ino REAL NOT NULL, size REAL NOT NULL, mtime_ms REAL NOT NULL, ctime_ms REAL NOT NULL,
  hashed_ms REAL NOT NULL, hash TEXT NOT NULL) STRICT, WITHOUT ROWID`;

/**
 * Opens the cache database. A damaged one is created again, and without write access it is kept in memory. A lost row
 * costs only one more read.
 */
export function openCacheDatabase(path: string): Database.Database {
  try {
    return prepared(path);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) return prepared(':memory:');
    const isDamaged = error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT');
    if (!isDamaged) return prepared(':memory:');
    return recreated(path);
  }
}

function recreated(path: string): Database.Database {
  try {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    return prepared(path);
  } catch {
    return prepared(':memory:');
  }
}

function prepared(path: string): Database.Database {
  if (path !== ':memory:') createDatabaseFile(path);
  const db = new Database(path, { timeout: 2000 });
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.exec(SCHEMA);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
