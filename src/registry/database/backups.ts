import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Database from 'better-sqlite3';

/** The folder of copies that refit makes itself: before a change of format, and of a registry that is replaced. */
export const backupFolder = (registry: string): string => join(dirname(registry), 'backup');

/**
 * Copies the registry before it is migrated, so that the refit that wrote it can still read it. A copy of the same format
 * from an interrupted migration is kept.
 */
export function backUpBeforeMigration(db: Database.Database, registry: string, format: number): void {
  const path = join(backupFolder(registry), `registry-format-${format}.db`);
  if (existsSync(path)) return;
  mkdirSync(backupFolder(registry), { recursive: true });
  // An interrupted copy must not be taken for a backup.
  const part = `${path}.part`;
  rmSync(part, { force: true });
  db.prepare('VACUUM INTO ?').run(part);
  renameSync(part, path);
}
