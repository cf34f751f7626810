import type Database from 'better-sqlite3';
import type { Finding } from '../../domain/data/finding.js';
import type { FindingRecords } from '../../domain/ports/records/data-records.js';
import { instantOf, toIso } from '../../domain/support/time.js';
import { after } from '../database/after.js';
import { fromJson, oneOf } from '../database/rows.js';

const ANSWERS = ['bug', 'normal'] as const;

/** Kind of checks that only display: they register findings, but do not decide which are open. */
const SHOWN = 'shown';

interface FindingRow {
  readonly finding_json: string;
}

interface AnswerRow extends FindingRow {
  readonly answer: string;
  readonly reason: string;
  readonly since: number | null;
}

const toFindings = (rows: readonly FindingRow[]): readonly Finding[] =>
  rows.map((row) => fromJson<Finding>(row.finding_json));

/** Ordered by time, not by id, because rows from another machine arrive later than they were written. */
const LAST_ANSWER = '(SELECT id FROM resolution WHERE finding = r.finding ORDER BY resolved_at DESC, id DESC LIMIT 1)';

/** Only the last answer counts: a finding that was called normal may be called a bug later. */
const CALLED_NORMAL = `SELECT finding FROM resolution AS r WHERE answer = 'normal'
  AND id = ${LAST_ANSWER}`;

/** Where the rows of a finding began when it was first seen. The same fault may come back months later. */
const FIRST_SINCE = `(SELECT min(json_extract(g.finding_json, '$.rowsIn.since')) FROM finding AS g WHERE g.id = f.id)`;

/** An answer is about all rows that the finding was ever seen in, not only about those of its last window. */
const withFirstRows = (finding: Finding, since: number | null): Finding =>
  finding.rowsIn?.since === undefined || since === null
    ? finding
    : { ...finding, rowsIn: { ...finding.rowsIn, since: instantOf(Math.min(since, finding.rowsIn.since)) } };

/** Records of data checks and their findings. A check without findings is recorded too. */
export function createFindingRecords(db: Database.Database): FindingRecords {
  return {
    record: (look) => insertLook(db, look),
    open: (pipeline, until) =>
      toFindings(
        db
          .prepare<[string, string], FindingRow>(
            `SELECT f.finding_json FROM finding AS f JOIN data_look AS l ON l.id = f.look
             WHERE l.id IN (SELECT id FROM (SELECT id, max(seen_at || printf(' %012d', id)) FROM data_look
               WHERE pipeline = ? AND seen_at <= ? AND scope <> '${SHOWN}' GROUP BY scope))
               AND f.id NOT IN (${CALLED_NORMAL}) ORDER BY f.look, f.id`,
          )
          .all(pipeline, toIso(until)),
      ),
    answers: (pipeline) =>
      db
        .prepare<[string], AnswerRow>(
          `SELECT f.finding_json, r.answer, r.reason, ${FIRST_SINCE} AS since FROM resolution AS r
             JOIN finding AS f ON f.id = r.finding JOIN data_look AS l ON l.id = f.look
           WHERE l.pipeline = ? AND r.id = ${LAST_ANSWER}
             AND f.look = (SELECT max(look) FROM finding WHERE id = f.id) ORDER BY r.id`,
        )
        .all(pipeline)
        .map((row) => ({
          finding: withFirstRows(fromJson(row.finding_json), row.since),
          answer: oneOf(ANSWERS, row.answer, 'answer'),
          reason: row.reason,
        })),
    resolve: (resolution) => insertResolution(db, resolution),
    get: (id) =>
      toFindings(
        db
          .prepare<[string], FindingRow>('SELECT finding_json FROM finding WHERE id = ? ORDER BY look DESC LIMIT 1')
          .all(id),
      )[0],
    of: (link) => {
      const [column, id] = 'decision' in link ? ['decision', link.decision] : ['run', link.run];
      return toFindings(
        db
          .prepare<[string], FindingRow>(
            `SELECT f.finding_json FROM finding AS f JOIN data_look AS l ON l.id = f.look
             WHERE l.${column} = ? ORDER BY f.look, f.id`,
          )
          .all(id),
      );
    },
  };
}

const insertResolution = (
  db: Database.Database,
  { finding, answer, reason, actor, at }: Parameters<FindingRecords['resolve']>[0],
): void =>
  db
    .transaction(() => {
      const { last } = db
        .prepare<[string], { last: string | null }>('SELECT max(resolved_at) AS last FROM resolution WHERE finding = ?')
        .get(finding) ?? { last: null };
      db.prepare('INSERT INTO resolution(finding, answer, reason, actor, resolved_at) VALUES (?, ?, ?, ?, ?)').run(
        finding,
        answer,
        reason,
        actor,
        after(last, at),
      );
    })
    .immediate();

function insertLook(db: Database.Database, look: Parameters<FindingRecords['record']>[0]): void {
  db.transaction(() => {
    const { lastInsertRowid } = db
      .prepare('INSERT INTO data_look(pipeline, scope, decision, run, seen_at, now) VALUES (?, ?, ?, ?, ?, ?)')
      .run(look.pipeline, look.scope, look.decision ?? null, look.run ?? null, toIso(look.seenAt), toIso(look.now));
    const insert = db.prepare('INSERT OR REPLACE INTO finding VALUES (?, ?, ?)');
    for (const finding of look.findings) insert.run(lastInsertRowid, finding.id, JSON.stringify(finding));
    const schema = db.prepare('INSERT INTO look_schema VALUES (?, ?, ?)');
    for (const [dataset, hash] of Object.entries(look.schemas ?? {})) schema.run(lastInsertRowid, dataset, hash);
  }).immediate();
}
