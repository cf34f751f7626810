import type Database from 'better-sqlite3';
import { EPISODE_ENDS, type PerformanceReport, type StoredEpisode } from '../../domain/data/performance.js';
import type { ErrorStream, MeasuredPlace, PerformanceRecords } from '../../domain/ports/records/performance-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { fromJson, oneOf } from '../database/rows.js';

interface WindowRow {
  readonly place: number;
  readonly checksum: string;
  readonly window_json: string;
}

interface EpisodeRow {
  readonly id: number;
  readonly metric: string;
  readonly window_ms: number;
  readonly version: number | null;
  readonly opened: string;
  readonly since: string;
  readonly facts_json: string;
  readonly now: string;
  readonly found_at: string;
  readonly because: string | null;
  readonly ended_now: string | null;
  readonly ended_at: string | null;
}

type Facts = Pick<StoredEpisode, 'before' | 'bad' | 'isConfirmed' | 'change'>;

const toEpisode = (row: EpisodeRow): StoredEpisode => ({
  ...fromJson<Facts>(row.facts_json),
  id: row.id,
  metric: row.metric,
  windowMs: row.window_ms,
  version: row.version ?? undefined,
  opened: fromIso(row.opened),
  since: fromIso(row.since),
  now: fromIso(row.now),
  foundAt: fromIso(row.found_at),
  end:
    row.because === null
      ? undefined
      : {
          because: oneOf(EPISODE_ENDS, row.because, 'end of an episode'),
          now: fromIso(row.ended_now ?? row.now),
          at: fromIso(row.ended_at ?? row.found_at),
        },
});

/** Records of performance checks. */
export const createPerformanceRecords = (db: Database.Database): PerformanceRecords => ({
  ...windowRecords(db),
  ...streamRecords(db),
  ...checkRecords(db),
  ...episodeRecords(db),
});

function windowRecords(db: Database.Database): Pick<PerformanceRecords, 'windows' | 'saveWindows'> {
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
  };
}

const streamRecords = (db: Database.Database): Pick<PerformanceRecords, 'errorStream' | 'saveErrorStream'> => ({
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
});

const checkRecords = (db: Database.Database): Pick<PerformanceRecords, 'recordCheck' | 'checks'> => ({
  recordCheck: ({ pipeline, now, checkedAt, report }) =>
    void db
      .prepare('INSERT INTO performance_check(pipeline, version, now, checked_at, report_json) VALUES (?, ?, ?, ?, ?)')
      .run(pipeline, report.version?.version ?? null, toIso(now), toIso(checkedAt), JSON.stringify(report)),
  checks: (pipeline, limit) =>
    db
      .prepare<[string, number], { report_json: string }>(
        'SELECT report_json FROM performance_check WHERE pipeline = ? ORDER BY checked_at DESC, id DESC LIMIT ?',
      )
      .all(pipeline, limit)
      .map((row) => fromJson<PerformanceReport>(row.report_json)),
});

const episodeRecords = (
  db: Database.Database,
): Pick<PerformanceRecords, 'openEpisode' | 'endEpisode' | 'episodes'> => ({
  openEpisode: (pipeline, { before, bad, isConfirmed, change, ...episode }) =>
    void db
      .prepare(
        `INSERT INTO performance_episode(pipeline, metric, window_ms, version, opened, since, facts_json, now, found_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        pipeline,
        episode.metric,
        episode.windowMs,
        episode.version ?? null,
        toIso(episode.opened),
        toIso(episode.since),
        JSON.stringify({ before, bad, isConfirmed, change }),
        toIso(episode.now),
        toIso(episode.foundAt),
      ),
  endEpisode: (episode, { because, now, at }) =>
    void db
      .prepare('INSERT OR IGNORE INTO performance_episode_end VALUES (?, ?, ?, ?)')
      .run(episode, because, toIso(now), toIso(at)),
  episodes: (pipeline) =>
    db
      .prepare<[string], EpisodeRow>('SELECT * FROM performance_episode_state WHERE pipeline = ? ORDER BY now, id')
      .all(pipeline)
      .map(toEpisode),
});
