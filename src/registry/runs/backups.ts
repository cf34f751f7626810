import type Database from 'better-sqlite3';
import type { WorkspacePath } from '../../domain/ids.js';
import type { OutputBackup, RunRecords } from '../../domain/ports/records/run-records.js';

/** Stored when there was no file at the path. */
const NOTHING = '';

interface BackupRow {
  readonly id: number;
  readonly run: string;
  readonly step: string;
  readonly path: string;
  readonly aside_path: string;
}

/** Journal of outputs that were moved aside. After a crash the next start moves them back. */
export function createBackupRecords(
  db: Database.Database,
): Pick<RunRecords, 'openBackup' | 'closeBackup' | 'openBackups'> {
  const open = db.prepare('INSERT INTO output_backup(run, step, path, aside_path, is_open) VALUES (?, ?, ?, ?, 1)');
  const close = db.prepare('UPDATE output_backup SET is_open = 0 WHERE id = ?');
  return {
    openBackup: (backup) =>
      Number(open.run(backup.run, backup.step, backup.path, backup.asidePath ?? NOTHING).lastInsertRowid),
    closeBackup: (id) => void close.run(id),
    openBackups: () =>
      db
        .prepare<[], BackupRow>('SELECT * FROM output_backup WHERE is_open = 1 ORDER BY id')
        .all()
        .map((row) => ({
          id: row.id,
          run: row.run as OutputBackup['run'],
          step: row.step as OutputBackup['step'],
          path: row.path as OutputBackup['path'],
          ...(row.aside_path === NOTHING ? {} : { asidePath: row.aside_path as WorkspacePath }),
        })),
  };
}
