import Database from 'better-sqlite3';
import type { Failure } from '../../domain/failure.js';
import type { Registry } from '../../domain/ports/registry.js';
import { err, ok, type Result } from '../../domain/support/result.js';

/** Time between two commits. Writes that arrive in between share one commit. */
const COMMIT_EVERY_MS = 10;
/** Retry interval while another process writes. Short, so that refit can react to signals in between. */
const BUSY_TIMEOUT_MS = 250;
const BUSY_PAUSE_MS = 50;

interface Waiting {
  readonly work: () => unknown;
  readonly settle: (result: Result<unknown, Failure>) => void;
  readonly fail: (bug: unknown) => void;
}

interface GroupCommit {
  readonly write: Registry['write'];
  /** Commits waiting writes before the registry is closed. */
  readonly flush: () => void;
}

/**
 * Commits writes that arrive together in one transaction, because every commit costs an fsync that blocks this thread. Each
 * write has its own savepoint. Waits without a limit for another process that locks the registry, so that the result of a
 * long training is not lost because of a lock.
 */
export function createGroupCommit(db: Database.Database, path: string): GroupCommit {
  const waiting: Waiting[] = [];
  const point = savepoint(db);
  let isScheduled = false;
  let nextMs = 0;
  const schedule = (delayMs: number): void => {
    isScheduled = true;
    setTimeout(flush, Math.max(0, delayMs));
  };
  const flush = (): void => {
    isScheduled = false;
    const group = waiting.splice(0);
    if (group.length === 0) return;
    const outcome = db.open ? commit(db, point, group) : new Error('it was closed');
    nextMs = performance.now() + COMMIT_EVERY_MS;
    if (outcome === 'busy') {
      waiting.unshift(...group);
      schedule(BUSY_PAUSE_MS);
    } else if (outcome !== 'done') {
      for (const { settle } of group) settle(err({ code: 'registry-unusable', path, reason: outcome.message }));
    }
  };
  return {
    flush,
    write: <T>(work: () => T) =>
      new Promise<Result<T, Failure>>((resolve, reject) => {
        waiting.push({ work, settle: (result) => resolve(result as Result<T, Failure>), fail: reject });
        if (!isScheduled) schedule(nextMs - performance.now());
      }),
  };
}

function commit(db: Database.Database, point: Savepoint, group: readonly Waiting[]): 'done' | 'busy' | Error {
  const settle: (() => void)[] = [];
  try {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    db.transaction(() => {
      for (const one of group) settle.push(attempt(db, point, one));
    }).immediate();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    return error.code.startsWith('SQLITE_BUSY') ? 'busy' : error;
  } finally {
    db.pragma(`busy_timeout = ${DEFAULT_BUSY_TIMEOUT_MS}`);
  }
  // Settle the promises only after the commit, when the writes are on disk.
  for (const one of settle) one();
  return 'done';
}

/** Busy timeout for the other, synchronous calls on the connection. */
export const DEFAULT_BUSY_TIMEOUT_MS = 20_000;

function attempt(db: Database.Database, { begin, release, undo }: Savepoint, one: Waiting): () => void {
  begin.run();
  try {
    const value = one.work();
    if (value instanceof Promise) throw new Error('internal error: a write to the registry that is not over yet');
    release.run();
    return () => one.settle(ok(value));
  } catch (error) {
    // The disk is full or broken, so the whole group fails.
    if (error instanceof Database.SqliteError && !error.code.startsWith('SQLITE_CONSTRAINT')) throw error;
    // SQLite rolled back the whole transaction itself.
    if (!db.inTransaction) throw error;
    undo.run();
    release.run();
    return () => one.fail(error);
  }
}

/** Statements for the savepoint of one write within a group. */
const savepoint = (db: Database.Database) => ({
  begin: db.prepare('SAVEPOINT one'),
  release: db.prepare('RELEASE one'),
  undo: db.prepare('ROLLBACK TO one'),
});

type Savepoint = ReturnType<typeof savepoint>;
