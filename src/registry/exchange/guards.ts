import type Database from 'better-sqlite3';
import { sealsOf } from '../database/migrations/010-upkeep.js';
import { SEALED_TABLES } from '../database/migrations/012-seals.js';

/** A sealed row was changed. It must not be sealed again, because that would hide the damage. */
export class BrokenSeal extends Error {}

/**
 * Rewrites history rows within the caller's transaction: disables the append-only triggers, checks the seals of the changed
 * rows and seals them again. Use it only to resolve conflicts with another machine's history.
 */
export function rewriting(db: Database.Database, work: () => void): void {
  for (const table of SEALED_TABLES) proveSeals(db, table);
  const guards = db
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND (name LIKE '%!_no!_update' ESCAPE '!' OR name LIKE '%!_no!_delete' ESCAPE '!')",
    )
    .all();
  for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
  work();
  for (const { sql } of guards) db.exec(sql);
  for (const table of SEALED_TABLES) {
    db.prepare('DELETE FROM seal WHERE kind = ?').run(table);
    db.exec(`INSERT INTO seal SELECT '${table}', key, sha256 FROM (${sealsOf(table)})`);
  }
}

function proveSeals(db: Database.Database, table: string): void {
  const broken = db
    .prepare<[string], { key: string }>(
      `SELECT s.key FROM seal AS s LEFT JOIN (${sealsOf(table)}) AS t ON t.key = s.key
       WHERE s.kind = ? AND (t.sha256 IS NULL OR t.sha256 <> s.sha256) LIMIT 1`,
    )
    .get(table);
  if (broken !== undefined) throw new BrokenSeal(`${table} ${broken.key}`);
}
