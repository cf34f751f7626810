import type Database from 'better-sqlite3';
import type { ContentHash } from '../../domain/ids.js';
import { type Instant, toIso } from '../../domain/support/time.js';

/** Windows that a drift check may look back at, for each pipeline. */
const NEWEST_WINDOWS = 240;

export interface KeptProfiles {
  /** Tables and windows of runs that are kept. */
  readonly hashes: ReadonlySet<ContentHash>;
  /** Windows that ended later are kept. */
  readonly since: Instant;
}

/**
 * Deletes profiles that no check reads any more: of tables of runs that are not kept, and of old windows beyond the newest. They can
 * be measured again from the data. Row counts and profiles of parts of datasets stay. Returns their number; `isDry` only counts.
 */
export function thinProfiles(db: Database.Database, { hashes, since }: KeptProfiles, isDry: boolean): number {
  return db
    .transaction((): number => {
      const tables = db
        .prepare<[], { hash: string; kind: string }>(
          "SELECT hash, kind FROM table_profile_use WHERE kind <> 'dataset-size' AND kind NOT LIKE 'part%'",
        )
        .all()
        .filter(({ hash }) => !hashes.has(hash as ContentHash));
      const windows = db
        .prepare<[string], { pipeline: string; window_end: string }>(
          `SELECT pipeline, window_end FROM (
             SELECT pipeline, window_end, row_number() OVER (PARTITION BY pipeline ORDER BY window_end DESC) AS place
             FROM window_profile_use) WHERE place > ${NEWEST_WINDOWS} AND window_end < ?`,
        )
        .all(toIso(since));
      if (isDry) return tables.length + windows.length;
      const dropTable = db.prepare('DELETE FROM table_profile_use WHERE hash = ? AND kind = ?');
      for (const { hash, kind } of tables) dropTable.run(hash, kind);
      const dropWindow = db.prepare('DELETE FROM window_profile_use WHERE pipeline = ? AND window_end = ?');
      for (const { pipeline, window_end: end } of windows) dropWindow.run(pipeline, end);
      db.exec(`DELETE FROM profile_text WHERE hash NOT IN (SELECT text FROM table_profile_use)
        AND hash NOT IN (SELECT text FROM window_profile_use)`);
      return tables.length + windows.length;
    })
    .immediate();
}

/** Gives the space of deleted rows back to the disk. False while another process reads or writes the registry. */
export function giveSpaceBack(db: Database.Database): boolean {
  if (Number(db.pragma('freelist_count', { simple: true })) === 0) return true;
  try {
    db.exec('VACUUM');
    db.pragma('wal_checkpoint(TRUNCATE)');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}
