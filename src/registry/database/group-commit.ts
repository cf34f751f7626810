import Database from 'better-sqlite3';
import type { Failure } from '../../domain/failure.js';
import type { Registry } from '../../domain/ports/registry.js';
import { err, ok, type Result } from '../../domain/support/result.js';

/** A write that nobody waits for is committed with what comes in meanwhile. */
const SOON_MS = 50;
/** While another process writes, this one looks again at this pace and can answer signals in between. */
const BUSY_TIMEOUT_MS = 250;
const PAUSE_MS = 50;

interface Waiting {
  readonly work: () => unknown;
  readonly settle: (result: Result<unknown, Failure>) => void;
  readonly fail: (bug: unknown) => void;
}

/**
 * Commits the writes that came in together as one transaction: a commit is an fsync, and steps that end at the same
 * time need only one. Each write is a savepoint of its own. A registry that another process keeps busy is waited for as
 * long as it takes: the result of eight hours of training is not given up for a lock.
 */
export function createGroupCommit(db: Database.Database, path: string): Registry['write'] {
  const waiting: Waiting[] = [];
  const point = savepoint(db);
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const group = waiting.splice(0);
    if (group.length === 0) return;
    const outcome = commit(db, point, group);
    if (outcome === 'busy') {
      waiting.unshift(...group);
      timer = setTimeout(flush, PAUSE_MS);
    } else if (outcome !== 'done') {
      for (const { settle } of group) settle(err({ code: 'registry-unusable', path, reason: outcome.message }));
    }
  };
  return <T>(work: () => T, when: 'now' | 'soon' = 'now') =>
    new Promise<Result<T, Failure>>((resolve, reject) => {
      waiting.push({ work, settle: (result) => resolve(result as Result<T, Failure>), fail: reject });
      if (when === 'now') setImmediate(flush);
      else timer ??= setTimeout(flush, SOON_MS);
    });
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
  // nobody hears of a write before it is on the disk
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
    // the disk is full or broken: the whole group is given back
    if (error instanceof Database.SqliteError && !error.code.startsWith('SQLITE_CONSTRAINT')) throw error;
    // SQLite has given up the whole transaction by itself
    if (!db.inTransaction) throw error;
    undo.run();
    release.run();
    return () => one.fail(error);
  }
}

/** Of one write among those of a commit. */
const savepoint = (db: Database.Database) => ({
  begin: db.prepare('SAVEPOINT one'),
  release: db.prepare('RELEASE one'),
  undo: db.prepare('ROLLBACK TO one'),
});

type Savepoint = ReturnType<typeof savepoint>;
