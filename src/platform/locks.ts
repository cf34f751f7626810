import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Failure } from '../domain/failure.js';
import type { Lock, Locks } from '../domain/ports/platform.js';
import { err, ok, type Result } from '../domain/result.js';

const POLL_MS = 200;

/** One exclusive transaction on a tiny database per pipeline: the kernel frees it when the process dies. */
export const createLocks = (root: string): Locks => ({
  lockPipeline: async (pipeline, waitMs = 0) => {
    const folder = join(root, '.refit', 'locks');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${pipeline}.db`);
    for (let waited = 0; ; waited += POLL_MS) {
      const lock = tryLock(path);
      if (lock !== undefined) return ok(lock);
      if (waited >= waitMs) return busy(pipeline, path);
      await delay(Math.min(POLL_MS, waitMs - waited));
    }
  },
});

function tryLock(path: string): Lock | undefined {
  const db = new Database(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  // only for the message of the one who finds it locked: the lock itself is the transaction
  writeFileSync(`${path}.holder`, `process ${process.pid}`);
  return { release: () => db.close() };
}

function busy(pipeline: string, path: string): Result<never, Failure> {
  try {
    return err({ code: 'busy', pipeline, holder: readFileSync(`${path}.holder`, 'utf8') });
  } catch {
    return err({ code: 'busy', pipeline });
  }
}
