import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Lock } from '../../domain/ports/platform.js';
import { createDatabaseFile } from '../database-file.js';

/** How long a taker tries. Somebody who only asks whether the file is held has it for less than that. */
const GLANCE_MS = 50;
/** How long a sharer tries: longer than a taker who wants the file alone tries and so keeps it busy. */
const SHARE_MS = 4 * GLANCE_MS;

/** The lock, `busy`, or `undefined` when the file is no database. The caller is the only holder. */
export const lockFile = (path: string): Lock | 'busy' | undefined =>
  begin(path, GLANCE_MS, (db) => db.exec('BEGIN EXCLUSIVE'));

/** The same beside others who share it. Nobody holds it alone meanwhile. */
export const shareFile = (path: string): Lock | 'busy' | undefined =>
  begin(path, SHARE_MS, (db) => {
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_master').get();
  });

function begin(path: string, timeout: number, take: (db: Database.Database) => void): Lock | 'busy' | undefined {
  createDatabaseFile(path);
  const db = new Database(path, { timeout });
  try {
    take(db);
  } catch (error) {
    db.close();
    if (isCode(error, 'SQLITE_BUSY')) return 'busy';
    if (isCode(error, 'SQLITE_NOTADB') || isCode(error, 'SQLITE_CORRUPT')) return undefined;
    throw error;
  }
  return { release: () => void db.close() };
}

/**
 * Whether somebody holds it alone. Asks by reading, which only an exclusive holder forbids; of two who only ask neither hinders
 * the other.
 */
export function isFileHeld(path: string): boolean {
  if (!existsSync(path)) return false;
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: 0, readonly: true });
    db.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    return isCode(error, 'SQLITE_BUSY');
  } finally {
    db?.close();
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Database.SqliteError && error.code.startsWith(code);
