import Database from 'better-sqlite3';
import type { Failure } from '../../domain/failure.js';
import type { Registry } from '../../domain/ports/registry.js';
import { err, ok, type Result } from '../../domain/support/result.js';

/** Time between two commits. Writes that arrive meanwhile share the next one. */
const COMMIT_EVERY_MS = 10;
/** While another process writes, refit tries again at this pace and can react to signals in between. */
const BUSY_TIMEOUT_MS = 250;
const BUSY_PAUSE_MS = 50;

interface Waiting {
  readonly work: () => unknown;
  readonly settle: (result: Result<unknown, Failure>) => void;
  readonly fail: (bug: unknown) => void;
}

interface GroupCommit {
  readonly write: Registry['write'];
  /** Commits what waits, before the registry is closed. */
  readonly flush: () => void;
}

/**
 * Commits writes that arrive together as one transaction: every commit costs an fsync, which blocks this thread. Each write
 * is a savepoint of its own. Waits as long as it takes when another process keeps the registry busy: the result of eight
 * hours of training is not given up for a lock.
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
  // only now are the writes on the disk
  for (const one of settle) one();
  return 'done';
}

/** For the connection's other, synchronous calls. */
export const DEFAULT_BUSY_TIMEOUT_MS = 20_000;

function attempt(db: Database.Database, { begin, release, undo }: Savepoint, one: Waiting): () => void {
  begin.run();
  try {
    const value = one.work();
    if (value instanceof Promise) throw new Error('internal error: a write to the registry that is not over yet');
    release.run();
    return () => one.settle(ok(value));
  } catch (error) {
    // the disk is full or broken: the whole group fails
    if (error instanceof Database.SqliteError && !error.code.startsWith('SQLITE_CONSTRAINT')) throw error;
    // SQLite has rolled back the whole transaction by itself
    if (!db.inTransaction) throw error;
    undo.run();
    release.run();
    return () => one.fail(error);
  }
}

/** The savepoint of one write within a commit. */
const savepoint = (db: Database.Database) => ({
  begin: db.prepare('SAVEPOINT one'),
  release: db.prepare('RELEASE one'),
  undo: db.prepare('ROLLBACK TO one'),
});

type Savepoint = ReturnType<typeof savepoint>;
