import type Database from 'better-sqlite3';
import type { TableProfile } from '../../domain/data/profile.js';
import type { ProfileRecords } from '../../domain/ports/records/data-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { fromJson } from '../database/rows.js';

/** Records of data profiles by content hash: the same bytes have the same profile. */
export function createProfileRecords(db: Database.Database): ProfileRecords {
  const get = db.prepare<[string, string], { profile_json: string }>(
    'SELECT profile_json FROM table_profile WHERE hash = ? AND kind = ?',
  );
  const saveWindow = db.prepare('INSERT INTO window_profile VALUES (?, ?, ?)');
  const windows = db.prepare<[string, string, number], { window_end: string; profile_json: string }>(
    `SELECT window_end, profile_json FROM window_profile WHERE pipeline = ? AND window_end < ?
     ORDER BY window_end DESC LIMIT ?`,
  );
  const save = db.prepare('INSERT INTO table_profile VALUES (?, ?, ?)');
  return {
    save: (hash, kind, profile) => void save.run(hash, kind, JSON.stringify(profile)),
    get: (hash, kind) => {
      const row = get.get(hash, kind);
      const profile = row === undefined ? undefined : fromJson<TableProfile>(row.profile_json);
      return profile?.format === 2 ? profile : undefined;
    },
    saveWindow: (pipeline, end, profile) => void saveWindow.run(pipeline, toIso(end), JSON.stringify(profile)),
    windows: (pipeline, { before, limit }) =>
      windows.all(pipeline, toIso(before), limit).flatMap((row) => {
        const profile = fromJson<TableProfile>(row.profile_json);
        return profile.format === 2 ? [{ at: fromIso(row.window_end), profile }] : [];
      }),
  };
}
