import type Database from 'better-sqlite3';
import type { Notice } from '../../domain/decisions/notice.js';
import { LINEAGE_NOTICE, NOTICE_KINDS, TRACKING_NOTICE } from '../../domain/decisions/notice.js';
import type {
  LedgerMark,
  NoticeAttemptId,
  NoticeRecords,
  SentNotice,
} from '../../domain/ports/records/notice-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { fromJson, oneOf } from '../database/rows.js';

/** Tables whose new rows cause notices, with the column for the time of each row. */
const LEDGER = {
  decision: { table: 'retrain_decision', mark: 'rowid', ref: 'id', time: 'decided_at' },
  outcome: { table: 'decision_outcome', mark: 'rowid', ref: 'decision', time: 'at' },
  gate: { table: 'gate_verdict', mark: 'id', ref: 'id', time: 'judged_at' },
  move: { table: 'alias_move', mark: 'id', ref: "model || '#' || generation", time: 'moved_at' },
  tick: { table: 'tick_end', mark: 'id', ref: 'tick', time: 'ended_at' },
  run: { table: 'run', mark: 'rowid', ref: 'id', time: 'started_at' },
} as const;

const KEYS = Object.keys(LEDGER) as (keyof LedgerMark)[];

interface NoticeRow {
  readonly id: string;
  readonly pipeline: string;
  readonly kind: string;
  readonly notice_json: string;
  readonly written_at: string;
  readonly tries: number;
  readonly last_at: string | null;
}

const toNotice = (row: NoticeRow): SentNotice => ({
  notice: {
    ...fromJson<Notice>(row.notice_json),
    kind: oneOf([...NOTICE_KINDS, LINEAGE_NOTICE, TRACKING_NOTICE], row.kind, 'notice'),
  },
  writtenAt: fromIso(row.written_at),
  tries: row.tries,
  ...(row.last_at === null ? {} : { lastTriedAt: fromIso(row.last_at) }),
});

const UNSENT = `SELECT n.id, n.pipeline, n.kind, n.notice_json, n.written_at, count(a.id) AS tries, max(a.started_at) AS last_at
  FROM notice AS n LEFT JOIN notice_attempt AS a ON a.notice = n.id AND a.channel = n.channel
  WHERE n.channel = ? AND NOT EXISTS (SELECT 1 FROM notice_attempt AS s
    WHERE s.notice = n.id AND s.channel = n.channel AND s.ended_at IS NOT NULL AND s.problem IS NULL)
  GROUP BY n.id ORDER BY n.written_at, n.id`;

/** The notice outbox: notices per channel and every delivery attempt. */
export function createNoticeRecords(db: Database.Database): NoticeRecords {
  return {
    mark: (channel, startedAt) => markOf(db, channel, toIso(startedAt)),
    write: (channel, notices, mark) => writeNotices(db, channel, notices, mark),
    rows: (key, after) => {
      const { table, mark, ref } = LEDGER[key];
      return db
        .prepare<[number], { mark: number; ref: string }>(
          `SELECT ${mark} AS mark, CAST(${ref} AS TEXT) AS ref FROM ${table} WHERE ${mark} > ? ORDER BY ${mark}`,
        )
        .all(after);
    },
    unsent: (channel) => db.prepare<[string], NoticeRow>(UNSENT).all(channel).map(toNotice),
    startAttempt: (notice, channel, at, staleBefore) =>
      db
        .transaction((): NoticeAttemptId | undefined => {
          const open = db
            .prepare<[string, string, string]>(
              `SELECT 1 FROM notice_attempt WHERE notice = ? AND channel = ?
                 AND ((ended_at IS NULL AND started_at > ?) OR (ended_at IS NOT NULL AND problem IS NULL))`,
            )
            .get(notice, channel, toIso(staleBefore));
          if (open !== undefined) return undefined;
          const inserted = db
            .prepare('INSERT INTO notice_attempt(notice, channel, started_at) VALUES (?, ?, ?)')
            .run(notice, channel, toIso(at));
          return Number(inserted.lastInsertRowid) as NoticeAttemptId;
        })
        .immediate(),
    finishAttempt: (attempt, { at, problem }) =>
      void db
        .prepare('UPDATE notice_attempt SET ended_at = ?, problem = ? WHERE id = ?')
        .run(toIso(at), problem ?? null, attempt),
    lastAttempt: (channel) => {
      const row = db
        .prepare<[string], { ended_at: string; problem: string | null }>(
          'SELECT ended_at, problem FROM notice_attempt WHERE channel = ? AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1',
        )
        .get(channel);
      return row === undefined
        ? undefined
        : { at: fromIso(row.ended_at), ...(row.problem === null ? {} : { problem: row.problem }) };
    },
    recordBeat: (at, problem) =>
      void db.prepare('INSERT INTO heartbeat(sent_at, problem) VALUES (?, ?)').run(toIso(at), problem ?? null),
    lastBeat: () => {
      const row = db
        .prepare<[], { sent_at: string; problem: string | null }>('SELECT * FROM heartbeat ORDER BY id DESC LIMIT 1')
        .get();
      return row === undefined
        ? undefined
        : { at: fromIso(row.sent_at), ...(row.problem === null ? {} : { problem: row.problem }) };
    },
  };
}

/** How far the ledger was read for a channel. A new channel starts with the rows that the current command writes. */
function markOf(db: Database.Database, channel: string, startedAt: string): LedgerMark {
  const kept = db
    .prepare<[string], { seen_json: string }>('SELECT seen_json FROM notice_channel WHERE channel = ?')
    .get(channel);
  const seen: Partial<LedgerMark> = kept === undefined ? {} : fromJson(kept.seen_json);
  return Object.fromEntries(
    KEYS.map((key) => {
      // A table added by a newer refit has no mark yet, even for a known channel.
      if (seen[key] !== undefined) return [key, seen[key]];
      const { table, mark, time } = LEDGER[key];
      const row = db
        .prepare<[string], { last: number | null }>(`SELECT max(${mark}) AS last FROM ${table} WHERE ${time} < ?`)
        .get(startedAt);
      return [key, row?.last ?? 0];
    }),
  ) as unknown as LedgerMark;
}

function writeNotices(db: Database.Database, channel: string, notices: readonly Notice[], mark: LedgerMark): void {
  const insert = db.prepare('INSERT OR IGNORE INTO notice VALUES (?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    for (const notice of notices)
      insert.run(notice.id, channel, notice.pipeline, notice.kind, JSON.stringify(notice), toIso(notice.at));
    db.prepare('INSERT OR REPLACE INTO notice_channel VALUES (?, ?)').run(channel, JSON.stringify(mark));
  }).immediate();
}
