import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Failure } from '../../domain/failure.js';
import { isCorrupt } from '../../domain/support/broken-registry.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { reasonOf, systemCode } from '../../domain/support/system-error.js';
import { createDatabaseFile, isDatabaseThere } from '../../platform/database-file.js';
import { isDiskFull } from '../../platform/disk-room.js';
import { backUpBeforeMigration } from './backups.js';
import { bindingProblem } from './binding.js';
import { bytesWithoutRoom, canOpen, copyOf, isWithoutRoom } from './copy.js';
import { formatInFile, newerThanKnown } from './format.js';
import { DEFAULT_BUSY_TIMEOUT_MS } from './group-commit.js';
import { MIGRATIONS } from './migrations/index.js';
import { addSha256 } from './sha256.js';

/** In older versions two connections that checkpoint and commit at the same time can corrupt a WAL database. */
const OLDEST_SAFE_SQLITE = [3, 51, 3];

/** `copy`: in memory. What is written to it is gone with the command. */
export type OpenMode = 'read' | 'write' | 'copy';

/**
 * Opens and migrates the registry database. With `read` and `copy` no file is created: without one the caller gets an empty
 * database in memory. Whoever may not write reads a copy. Fails with `registry-unusable` if the file cannot be opened or has a
 * newer format.
 */
export function openDatabase(path: string, mode: OpenMode): Result<Database.Database, Failure> {
  try {
    const isThere = path === ':memory:' || isDatabaseThere(path);
    const target = mode !== 'write' && !isThere ? ':memory:' : path;
    const tooNew = target === ':memory:' ? undefined : newerThanKnown(formatInFile(target));
    if (tooNew !== undefined) return err({ code: 'registry-unusable', path, ...tooNew });
    if (mode === 'write') createDatabaseFile(path);
    const isCopied = target !== ':memory:' && (mode === 'copy' || (mode === 'read' && !canOpen(target)));
    const whole = isCopied ? copyOf(target) : target;
    const db = mode === 'write' || target === ':memory:' ? inPlace(whole) : forReading(whole);
    assertSafeSqlite(db);
    // better-sqlite3 uses NORMAL on an existing WAL database. Then a promotion might not survive a power loss.
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    // Each write of a group is a savepoint. By default SQLite writes the undo data of savepoints to temporary files.
    if (mode === 'write') db.pragma('temp_store = MEMORY');
    addSha256(db);
    migrate(db, db.memory ? ':memory:' : target);
    return ok(db);
  } catch (error) {
    if (error instanceof Database.SqliteError) {
      const code = isCorrupt(error.code) ? 'registry-corrupt' : 'registry-unusable';
      if (code === 'registry-unusable' && isDiskFull(dirname(path)))
        return err({ code, path, reason: `the disk is full (${error.message})`, next: 'make room on the disk' });
      return err({ code, path, reason: error.message });
    }
    const unbuilt = bindingProblem(error);
    if (unbuilt !== undefined) return err({ code: 'registry-unusable', path, ...unbuilt });
    if (systemCode(error) === undefined) throw error;
    return err({ code: 'registry-unusable', path, reason: reasonOf(error) });
  }
}

function inPlace(whole: string | Buffer): Database.Database {
  const db = new Database(whole, { timeout: DEFAULT_BUSY_TIMEOUT_MS });
  try {
    db.pragma('journal_mode = WAL');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A full disk has no room for the files that SQLite makes beside a database, and stops no command that only reads. */
function forReading(whole: string | Buffer): Database.Database {
  try {
    return inPlace(whole);
  } catch (error) {
    if (!isWithoutRoom(error) || typeof whole !== 'string') throw error;
    return inPlace(bytesWithoutRoom(whole));
  }
}

/** Reads the format again inside the exclusive transaction, so that two first starts do not both create the tables. */
function migrate(db: Database.Database, path: string): void {
  const version = (): number => Number(db.pragma('user_version', { simple: true }));
  const tooNew = newerThanKnown(version());
  if (tooNew !== undefined) throw new Database.SqliteError(tooNew.reason, 'SQLITE_SCHEMA');
  if (version() === MIGRATIONS.length) return;
  if (version() > 0 && path !== ':memory:') backUpBeforeMigration(db, path, version());
  db.transaction(() => {
    for (const migration of MIGRATIONS.slice(version())) db.exec(migration);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).exclusive();
}

function assertSafeSqlite(db: Database.Database): void {
  const row = db.prepare<[], { v: string }>('SELECT sqlite_version() AS v').get();
  const parts = (row?.v ?? '0').split('.').map(Number);
  const order = OLDEST_SAFE_SQLITE.map((least, i) => (parts[i] ?? 0) - least).find((difference) => difference !== 0);
  if ((order ?? 0) < 0) throw new Error(`internal error: SQLite ${row?.v} has a known corruption fault`);
}
