import type Database from 'better-sqlite3';
import type { PerformanceReport } from '../../domain/data/performance.js';
import type { ErrorStream, MeasuredPlace, PerformanceRecords } from '../../domain/ports/registry.js';
import { toIso } from '../../domain/support/time.js';
import { fromJson } from '../database/rows.js';

interface WindowRow {
  readonly place: number;
  readonly checksum: string;
  readonly window_json: string;
}

/** Records of performance checks. */
export function createPerformanceRecords(db: Database.Database): PerformanceRecords {
  const windows = db.prepare<[string, string], WindowRow>(
    'SELECT place, checksum, window_json FROM performance_window WHERE pipeline = ? AND stream = ?',
  );
  const saveWindow = db.prepare('INSERT OR REPLACE INTO performance_window VALUES (?, ?, ?, ?, ?)');
  const saveWindows = db.transaction((pipeline: string, stream: string, found: readonly MeasuredPlace[]) => {
    for (const { place, checksum, window } of found)
      saveWindow.run(pipeline, stream, place, checksum, JSON.stringify(window));
  });
  return {
    windows: (pipeline, stream) =>
      windows.all(pipeline, stream).map((row) => ({
        place: row.place,
        checksum: row.checksum,
        window: fromJson(row.window_json),
      })),
    saveWindows: (pipeline, stream, found) => void saveWindows.immediate(pipeline, stream, found),
    errorStream: (pipeline, stream) => {
      const row = db
        .prepare<[string, string], { state_json: string }>(
          'SELECT state_json FROM performance_stream WHERE pipeline = ? AND stream = ?',
        )
        .get(pipeline, stream);
      return row === undefined ? undefined : fromJson<ErrorStream>(row.state_json);
    },
    saveErrorStream: (pipeline, stream, state) =>
      void db
        .prepare('INSERT OR REPLACE INTO performance_stream VALUES (?, ?, ?)')
        .run(pipeline, stream, JSON.stringify(state)),
    recordCheck: ({ pipeline, now, checkedAt, report }) =>
      void db
        .prepare(
          'INSERT INTO performance_check(pipeline, version, now, checked_at, report_json) VALUES (?, ?, ?, ?, ?)',
        )
        .run(pipeline, report.version?.version ?? null, toIso(now), toIso(checkedAt), JSON.stringify(report)),
    checks: (pipeline, limit) =>
      db
        .prepare<[string, number], { report_json: string }>(
          'SELECT report_json FROM performance_check WHERE pipeline = ? ORDER BY checked_at DESC, id DESC LIMIT ?',
        )
        .all(pipeline, limit)
        .map((row) => fromJson<PerformanceReport>(row.report_json)),
  };
}
