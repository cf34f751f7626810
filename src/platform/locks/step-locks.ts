import Database from 'better-sqlite3';
import type { RunId, StepName } from '../../domain/ids.js';
import type { StepHolder, StepLocks } from '../../domain/ports/step-locks.js';
import { createDatabaseFile } from '../database-file.js';

/** Others hold the database for less than a millisecond at a time. */
const BUSY_MS = 10_000;

interface Row {
  readonly run: string;
}

/**
 * Claims of runs on steps, as rows. A row counts as long as its run holds its own lock, which the kernel frees, so a killed run
 * claims nothing. Nothing is synced to disk: after a power loss no run is left.
 */
export function openStepLocks(
  path: string,
  { run, isAlive }: { readonly run: RunId; readonly isAlive: (run: RunId) => boolean },
): StepLocks {
  createDatabaseFile(path);
  const db = new Database(path, { timeout: BUSY_MS });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  db.exec(
    `CREATE TABLE IF NOT EXISTS claim(step TEXT NOT NULL, run TEXT NOT NULL, mode TEXT NOT NULL, PRIMARY KEY (step, run))
       STRICT, WITHOUT ROWID`,
  );
  const others = db.prepare<[string, string, string], Row>(
    'SELECT run FROM claim WHERE step = ? AND run <> ? AND mode = ? ORDER BY run LIMIT 1',
  );
  const set = db.prepare('INSERT OR REPLACE INTO claim VALUES (?, ?, ?)');
  const remove = db.prepare('DELETE FROM claim WHERE step = ? AND run = ?');
  const removeAll = db.prepare('DELETE FROM claim WHERE run = ?');
  const holder = (step: StepName, mode: 'use' | 'make'): StepHolder | undefined => {
    const row = others.get(step, run, mode);
    return row === undefined ? undefined : { run: row.run as RunId, isAlive: isAlive(row.run as RunId) };
  };
  const claim = db.transaction((step: StepName, mode: 'use' | 'make'): StepHolder | undefined => {
    const maker = holder(step, 'make');
    if (maker === undefined) set.run(step, run, mode);
    return maker;
  });
  const claimFree = db.transaction(
    (steps: readonly StepName[]): ReadonlySet<StepName> =>
      new Set(steps.filter((step) => claim(step, 'use') === undefined)),
  );
  const removeEach = db.transaction((steps: readonly StepName[]): void => {
    for (const step of steps) remove.run(step, run);
  });
  /** What is claimed needs no question. */
  const own = new Set<StepName>();
  return {
    useFree: (steps) => {
      const granted = claimFree.immediate(steps);
      for (const step of granted) own.add(step);
      return granted;
    },
    use: (step) => {
      if (own.has(step)) return undefined;
      const maker = claim.immediate(step, 'use');
      if (maker === undefined) own.add(step);
      return maker;
    },
    make: (step) => {
      const maker = claim.immediate(step, 'make');
      if (maker === undefined) own.add(step);
      return maker;
    },
    user: (step) => holder(step, 'use'),
    keep: (step) => void set.run(step, run, 'use'),
    drop: (steps) => {
      removeEach.immediate(steps);
      for (const step of steps) own.delete(step);
    },
    forget: (lost) => void removeAll.run(lost),
    close: () => {
      removeAll.run(run);
      db.close();
    },
  };
}
