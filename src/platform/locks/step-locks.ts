import Database from 'better-sqlite3';
import type { RunId, StepName } from '../../domain/ids.js';
import type { StepHolder, StepLocks } from '../../domain/ports/step-locks.js';
import { createDatabaseFile } from '../database-file.js';
import { isYoungestOfCircle } from './waiting-circle.js';

/** Others hold the database for less than a millisecond at a time. */
const BUSY_MS = 10_000;

// The number of a run is its place in the order in which runs began: ids sort by time only to the second.
const TABLES = `
CREATE TABLE IF NOT EXISTS run(number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS claim(step TEXT NOT NULL, run TEXT NOT NULL, mode TEXT NOT NULL, PRIMARY KEY (step, run))
  STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting(run TEXT NOT NULL, step TEXT NOT NULL, PRIMARY KEY (run, step)) STRICT, WITHOUT ROWID;
`;

type Mode = 'use' | 'make';

interface Own {
  readonly run: RunId;
  /** Whether another run holds its lock. */
  readonly isAlive: (run: RunId) => boolean;
}

/**
 * Claims of runs on steps, as rows. A row counts as long as its run holds its own lock, which the kernel frees, so a killed run
 * claims nothing. Nothing is synced to disk: after a power loss no run is left.
 */
export function openStepLocks(path: string, own: Own): StepLocks {
  const db = openClaims(path);
  const { run } = own;
  const number = Number(db.prepare('INSERT OR REPLACE INTO run(id) VALUES (?)').run(run).lastInsertRowid);
  const claims = claimsOf(db, own, number);
  const waits = waitsOf(db, own, number);
  /** What is claimed needs no question. */
  const claimed = new Set<StepName>();
  const claim = (step: StepName, mode: Mode): StepHolder | undefined => {
    const maker = claims.claim(step, mode);
    if (maker === undefined) claimed.add(step);
    return maker;
  };
  return {
    useFree: (steps) => {
      const granted = claims.claimFree(steps);
      for (const step of granted) claimed.add(step);
      return granted;
    },
    use: (step) => (claimed.has(step) ? undefined : claim(step, 'use')),
    make: (step) => claim(step, 'make'),
    // Who began later has not got the use of what this run is making.
    user: (step) => (claims.isAlone() ? undefined : claims.holder(step, 'use')),
    isAlone: claims.isAlone,
    ...waits,
    keep: (step) => claims.keep(step),
    drop: (steps) => {
      claims.drop(steps);
      for (const step of steps) claimed.delete(step);
    },
    forget: (lost) => forget(db, lost),
    close: () => {
      forget(db, run);
      db.close();
    },
  };
}

function openClaims(path: string): Database.Database {
  createDatabaseFile(path);
  const db = new Database(path, { timeout: BUSY_MS });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  db.exec(TABLES);
  return db;
}

function claimsOf(db: Database.Database, { run, isAlive }: Own, number: number) {
  const others = db.prepare<[string, string, string], { run: RunId }>(
    'SELECT run FROM claim WHERE step = ? AND run <> ? AND mode = ? ORDER BY run LIMIT 1',
  );
  const set = db.prepare('INSERT OR REPLACE INTO claim VALUES (?, ?, ?)');
  /** Does nothing where another run has begun. One statement in place of a transaction, because each step waits for it. */
  const setAlone = db.prepare(
    `INSERT OR REPLACE INTO claim SELECT ?, ?, ? WHERE (SELECT seq FROM sqlite_sequence WHERE name = 'run') = ?`,
  );
  let isAlone = db.prepare('SELECT 1 FROM run WHERE id <> ?').get(run) === undefined;
  const remove = db.prepare('DELETE FROM claim WHERE step = ? AND run = ?');
  const holder = (step: StepName, mode: Mode): StepHolder | undefined => {
    const row = others.get(step, run, mode);
    return row === undefined ? undefined : { run: row.run, isAlive: isAlive(row.run) };
  };
  const takeUnlessMade = (step: StepName, mode: Mode): StepHolder | undefined => {
    const maker = holder(step, 'make');
    if (maker === undefined) set.run(step, run, mode);
    return maker;
  };
  const claimBeside = db.transaction(takeUnlessMade);
  const claimFree = db.transaction(
    (steps: readonly StepName[]): ReadonlySet<StepName> =>
      new Set(steps.filter((step) => takeUnlessMade(step, 'use') === undefined)),
  );
  const drop = db.transaction((steps: readonly StepName[]): void => {
    for (const step of steps) remove.run(step, run);
  });
  return {
    isAlone: (): boolean => isAlone,
    holder,
    claim: (step: StepName, mode: Mode): StepHolder | undefined => {
      isAlone &&= setAlone.run(step, run, mode, number).changes === 1;
      return isAlone ? undefined : claimBeside.immediate(step, mode);
    },
    claimFree: claimFree.immediate,
    drop: drop.immediate,
    keep: (step: StepName): void => void set.run(step, run, 'use'),
  };
}

/** Which runs wait for the ends of which others follows from the claims of this moment. */
function waitsOf(
  db: Database.Database,
  { run, isAlive }: Own,
  number: number,
): Pick<StepLocks, 'isOldest' | 'waitForUsers' | 'mustGiveWay'> {
  return {
    isOldest: () => {
      const older = db.prepare<[number], { id: RunId }>('SELECT id FROM run WHERE number < ?').all(number);
      return !older.some(({ id }) => isAlive(id));
    },
    waitForUsers: (step) => {
      db.prepare('INSERT OR REPLACE INTO waiting VALUES (?, ?)').run(run, step);
      return { stop: () => void db.prepare('DELETE FROM waiting WHERE run = ? AND step = ?').run(run, step) };
    },
    mustGiveWay: () => {
      const waits = db
        .prepare<[], { id: RunId; waiting: number; user: number }>(
          `SELECT w.run AS id, r.number AS waiting, u.number AS user FROM waiting AS w JOIN claim AS c ON c.step = w.step
           JOIN run AS r ON r.id = w.run JOIN run AS u ON u.id = c.run WHERE c.mode = 'use' AND c.run <> w.run`,
        )
        .all();
      return isYoungestOfCircle(
        number,
        waits.filter((one) => one.waiting === number || isAlive(one.id)),
      );
    },
  };
}

function forget(db: Database.Database, run: RunId): void {
  db.prepare('DELETE FROM claim WHERE run = ?').run(run);
  db.prepare('DELETE FROM waiting WHERE run = ?').run(run);
  db.prepare('DELETE FROM run WHERE id = ?').run(run);
}
