import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Lock, Locks } from '../domain/ports/platform.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { systemCode } from '../domain/support/system-error.js';
import { onDisk } from '../domain/support/world-failure.js';
import { createDatabaseFile } from './database-file.js';

const POLL_MS = 50;
/** One who only asks whether it is held has it for less than that. */
const GLANCE_MS = 50;

/**
 * One exclusive transaction on a tiny database per pipeline: the kernel frees it when the process dies, however it dies.
 * `signal` ends the waiting, `beforeLock` is called before it begins.
 */
export const createLocks = (
  root: string,
  { signal, beforeLock }: { readonly signal: AbortSignal; readonly beforeLock: () => void },
): Locks => {
  const folder = join(root, '.refit', 'locks');
  const pathOf = (pipeline: PipelineName): string => join(folder, `${pipeline}.db`);
  return {
    lockPipeline: async (pipeline, waitMs = 0) => {
      beforeLock();
      const path = pathOf(pipeline);
      for (const until = performance.now() + waitMs; ; ) {
        const tried = await onDisk(async () => tryLock(path));
        if (!tried.ok) return tried.error.code === 'registry-unusable' ? unusable(path, tried.error) : tried;
        const lock = tried.value;
        if (lock === undefined) return err({ code: 'file-unwritable', path, reason: NO_LOCK });
        if (lock !== 'busy') return ok(lock);
        const leftMs = until - performance.now();
        if (leftMs <= 0 || signal.aborted) return busy(pipeline, path);
        await delay(Math.min(POLL_MS, leftMs), undefined, { signal }).catch(() => undefined);
      }
    },
    isHeld: (pipeline) => existsSync(pathOf(pipeline)) && isHeld(pathOf(pipeline)),
  };
};

/** SQLite's words on the database of a lock, which is not the registry. */
const unusable = (path: string, { reason }: { readonly reason: string }): Result<never, Failure> =>
  err({ code: 'file-unwritable', path, reason });

const NO_LOCK = 'it is damaged, and holds nothing worth keeping: delete it when no refit runs here';

/** The lock, `busy`, or `undefined` when the file is no database. */
function tryLock(path: string): Lock | 'busy' | undefined {
  createDatabaseFile(path);
  const db = new Database(path, { timeout: GLANCE_MS });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isCode(error, 'SQLITE_BUSY')) return 'busy';
    if (isCode(error, 'SQLITE_NOTADB') || isCode(error, 'SQLITE_CORRUPT')) return undefined;
    throw error;
  }
  const holder = holderPath(path);
  unlessRefused(() => writeFileSync(holder, `process ${process.pid} on ${hostname()}`));
  return {
    release: () => {
      unlessRefused(() => rmSync(holder, { force: true }));
      db.close();
    },
  };
}

/**
 * The file of the holder is only for the message of the one who finds the pipeline locked, and the lock is the transaction: a
 * disk that refuses the file hinders nobody.
 */
function unlessRefused(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

/** Asks by reading, which an exclusive holder forbids; of two who only ask neither hinders the other. */
function isHeld(path: string): boolean {
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

const holderPath = (path: string): string => `${path}.holder`;

function busy(pipeline: string, path: string): Result<never, Failure> {
  try {
    return err({ code: 'busy', pipeline, holder: readFileSync(holderPath(path), 'utf8') });
  } catch {
    return err({ code: 'busy', pipeline });
  }
}
