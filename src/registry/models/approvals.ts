import type Database from 'better-sqlite3';
import type { ApprovalId, ContentHash, ModelName } from '../../domain/ids.js';
import type { Approval, Note } from '../../domain/models/model.js';
import type { ModelRecords } from '../../domain/ports/records/model-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { after } from '../database/after.js';
import { oneOf } from '../database/rows.js';
import { appendEntry, inTransaction } from './ledger.js';

interface ApprovalRow {
  readonly id: number;
  readonly model: string;
  readonly version: number;
  readonly hash: string;
  readonly answer: string;
  readonly reason: string;
  readonly actor: string;
  readonly given_at: string;
  readonly now: string;
  readonly expires_at: string | null;
}

interface NoteRow {
  readonly model: string;
  readonly version: number | null;
  readonly text: string;
  readonly actor: string;
  readonly noted_at: string;
}

const toApproval = (row: ApprovalRow): Approval => ({
  id: row.id as ApprovalId,
  version: { model: row.model as ModelName, version: row.version },
  hash: row.hash as ContentHash,
  answer: oneOf(['approved', 'rejected'] as const, row.answer, 'answer'),
  reason: row.reason,
  actor: row.actor,
  givenAt: fromIso(row.given_at),
  now: fromIso(row.now),
  ...(row.expires_at === null ? {} : { expiresAt: fromIso(row.expires_at) }),
});

const toNote = (row: NoteRow): Note => ({
  model: row.model as ModelName,
  ...(row.version === null ? {} : { version: row.version }),
  text: row.text,
  actor: row.actor,
  notedAt: fromIso(row.noted_at),
});

/** Records of approvals, rejections and notes. */
export function createAnswerRecords(
  db: Database.Database,
): Pick<ModelRecords, 'recordApproval' | 'approvals' | 'recordNote' | 'notes'> {
  const approvals = db.prepare<[string, number], ApprovalRow>(
    'SELECT * FROM approval WHERE model = ? AND version = ? ORDER BY given_at DESC, id DESC',
  );
  const notes = db.prepare<[string], NoteRow>('SELECT * FROM note WHERE model = ? ORDER BY noted_at, id');
  return {
    recordApproval: (approval) => insertApproval(db, approval),
    approvals: (ref) => approvals.all(ref.model, ref.version).map(toApproval),
    recordNote: (note) => insertNote(db, note),
    notes: (model) => notes.all(model).map(toNote),
  };
}

function insertApproval(db: Database.Database, given: Omit<Approval, 'id'>): Approval {
  const { version, hash, answer, reason, actor } = given;
  const now = toIso(given.now);
  const expires = given.expiresAt === undefined ? null : toIso(given.expiresAt);
  return inTransaction(db, () => {
    const { last } = db
      .prepare<[string, number], { last: string | null }>(
        'SELECT max(given_at) AS last FROM approval WHERE model = ? AND version = ?',
      )
      .get(version.model, version.version) ?? { last: null };
    const at = after(last, given.givenAt);
    const inserted = db
      .prepare(
        `INSERT INTO approval(model, version, hash, answer, reason, actor, given_at, now, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(version.model, version.version, hash, answer, reason, actor, at, now, expires);
    const kind = answer === 'approved' ? 'approval' : 'rejection';
    appendEntry(db, kind, version.model, { version: version.version, hash, reason, expires, at, now, actor });
    return { ...given, givenAt: fromIso(at), id: Number(inserted.lastInsertRowid) as ApprovalId };
  });
}

function insertNote(db: Database.Database, { model, version, text, actor, notedAt }: Note): void {
  inTransaction(db, () => {
    db.prepare('INSERT INTO note(model, version, text, actor, noted_at) VALUES (?, ?, ?, ?, ?)').run(
      model,
      version ?? null,
      text,
      actor,
      toIso(notedAt),
    );
    appendEntry(db, 'note', model, { version: version ?? null, text, at: toIso(notedAt), actor });
  });
}
