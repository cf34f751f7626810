import type Database from 'better-sqlite3';

/**
 * Objects that the machine that pushed them did not have any more, and that were never here. They are in `collected` too, so
 * that their absence is no damage. The mark is a row of `sent` with this kind: something that a remote says.
 */
const ABSENT = 'absent';

/**
 * Marks an object: its remote, its hash and its hash again. Run it before the object is recorded as collected, because what gc
 * removed here was here.
 */
export const ABSENT_SQL = `INSERT OR IGNORE INTO sent SELECT ?, '${ABSENT}', ? WHERE NOT EXISTS
  (SELECT 1 FROM collected WHERE hash = ?)`;

export function createAbsent(db: Database.Database) {
  // By remote, for the index.
  const where = `remote IN (SELECT id FROM remote) AND kind = '${ABSENT}' AND key = ?`;
  const found = db.prepare<[string]>(`SELECT 1 FROM sent WHERE ${where}`);
  const remove = db.prepare<[string]>(`DELETE FROM sent WHERE ${where}`);
  return {
    wasNeverHere: (hash: string): boolean => found.get(hash) !== undefined,
    /** gc removes only what is here. */
    forget: (hash: string): void => void remove.run(hash),
  };
}
