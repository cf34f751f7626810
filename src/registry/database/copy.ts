import { accessSync, chmodSync, constants, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/**
 * Whether SQLite can read a database in WAL mode in its place. It makes files beside it, so a user who may not write there can
 * read only while a process of another user has these files open.
 */
export function canOpen(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return existsSync(`${path}-shm`);
  }
}

/** The bytes of a database as it is now, for a database in memory. Nothing is written beside it. */
export function copyOf(path: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), `refit-registry-${process.pid}-`));
  const target = join(folder, 'registry.db');
  try {
    if (existsSync(`${path}-shm`)) snapshot(path, target);
    else copyFiles(path, target);
    return readFileSync(target);
  } catch (error) {
    if (!isWithoutRoom(error)) throw error;
    return bytesWithoutRoom(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the header of an SQLite file says that it has a write-ahead log (2) or not (1). */
const [WRITE_VERSION, READ_VERSION] = [18, 19];

/** Whether SQLite found no room for the files that it makes beside a database. */
export const isWithoutRoom = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(FULL|IOERR)/.test(error.code);

/**
 * The bytes of a database on a full disk, where the files that SQLite makes beside it have no room. An exclusive lock, held
 * while the bytes are read, needs none. Throws SQLite's error where another process has it open.
 */
export function bytesWithoutRoom(path: string): Buffer {
  const db = new Database(path, { fileMustExist: true });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    // Takes the lock, and says so if it cannot: "serialize" would call it a lack of memory.
    db.pragma('schema_version');
    const bytes = db.serialize();
    bytes[WRITE_VERSION] = bytes[READ_VERSION] = 1;
    return bytes;
  } finally {
    db.close();
  }
}

/** Another process may be writing: SQLite makes a copy of one state. */
function snapshot(path: string, target: string): void {
  const db = new Database(path, { readonly: true });
  try {
    db.prepare('VACUUM INTO ?').run(target);
  } finally {
    db.close();
  }
}

/** Nobody has it open. A log that a killed process left belongs to it, and is written into the copy. */
export function copyFiles(path: string, target: string): void {
  for (const end of ['', '-wal']) {
    if (!existsSync(path + end)) continue;
    copyFileSync(path + end, target + end);
    // a copy has the mode of its source, which may be read-only
    chmodSync(target + end, 0o600);
  }
  const db = new Database(target);
  // a database in memory has no log
  db.pragma('journal_mode = DELETE');
  db.close();
}
