import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { LEDGER_KINDS, LEDGER_START, type LedgerEntry, type LedgerKind } from '../../domain/models/ledger.js';
import type { AliasMove } from '../../domain/models/model.js';
import type { ModelRecords } from '../../domain/ports/records/model-records.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import { oneOf } from '../database/rows.js';
import { type MoveRow, toMove } from './move-rows.js';

interface EntryRow {
  readonly sequence: number;
  readonly model: string;
  readonly kind: string;
  readonly entry_json: string;
  readonly previous: string;
  readonly hash: string;
}

const toEntry = ({ entry_json: text, kind, ...row }: EntryRow): LedgerEntry => ({
  ...row,
  text,
  kind: oneOf(LEDGER_KINDS, kind, 'ledger entry'),
});

/** Reads the ledger and records repairs, which only the ledger keeps. */
export function createLedgerRecords(db: Database.Database): Pick<ModelRecords, 'ledger' | 'recordRepair'> {
  const all = db.prepare<[], EntryRow>('SELECT * FROM ledger_entry ORDER BY sequence');
  const ofModel = db.prepare<[string], EntryRow>('SELECT * FROM ledger_entry WHERE model = ? ORDER BY sequence');
  return {
    ledger: (model) => (model === undefined ? all.all() : ofModel.all(model)).map(toEntry),
    recordRepair: ({ version, hash, actor, found, at }) =>
      inTransaction(db, () =>
        appendEntry(db, 'repair', version.model, {
          version: version.version,
          hash,
          found: [...found],
          actor,
          at: toIso(at),
        }),
      ),
  };
}

/** Runs `work` in a `BEGIN IMMEDIATE` transaction, because an entry is written after reading the previous one. */
export const inTransaction = <T>(db: Database.Database, work: () => T): T => db.transaction(work).immediate();

/** Appends an entry whose hash covers its text and the previous hash. Must run in a transaction of the caller. */
export function appendEntry(db: Database.Database, kind: LedgerKind, model: string, facts: JsonObject): void {
  const last = lastOf(db);
  if (last === undefined) appendEarlierMoves(db, facts.generation);
  appendAfter(db, lastOf(db), { kind, model, facts });
}

const lastOf = (db: Database.Database): EntryRow | undefined =>
  db.prepare<[], EntryRow>('SELECT * FROM ledger_entry ORDER BY sequence DESC LIMIT 1').get();

interface NewEntry {
  readonly kind: LedgerKind;
  readonly model: string;
  readonly facts: JsonObject;
}

function appendAfter(db: Database.Database, last: EntryRow | undefined, { kind, model, facts }: NewEntry): void {
  const sequence = (last?.sequence ?? 0) + 1;
  const previous = last?.hash ?? LEDGER_START;
  const text = JSON.stringify({ sequence, kind, model, ...facts });
  const hash = createHash('sha256').update(`${previous}\n${text}`).digest('hex');
  db.prepare('INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?, ?)').run(sequence, model, kind, text, previous, hash);
}

/** Starts the ledger of an older registry with its existing moves. Must run in a transaction of the caller. */
export function ensureLedger(db: Database.Database): void {
  if (lastOf(db) === undefined) appendEarlierMoves(db, undefined);
}

/** Adds moves that are older than the ledger first, and marks them as such. */
function appendEarlierMoves(db: Database.Database, except: Json | undefined): void {
  const rows = db.prepare<[], MoveRow & { id: number }>('SELECT * FROM alias_move ORDER BY id').all();
  const newest = except === undefined ? undefined : rows.at(-1)?.id;
  for (const row of rows)
    if (row.id !== newest)
      appendAfter(db, lastOf(db), {
        kind: toMove(row).kind,
        model: row.model,
        facts: { ...moveFacts(db, toMove(row)), recorded: 'before the ledger' },
      });
}

/** Appends the ledger entry of a move. Must run in the transaction that writes the move. */
export const appendMove = (db: Database.Database, move: AliasMove): void =>
  appendEntry(db, move.kind, move.model, moveFacts(db, move));

function moveFacts(db: Database.Database, move: AliasMove): JsonObject {
  return {
    alias: move.alias,
    generation: move.generation,
    from: move.from ?? null,
    to: move.to,
    hash: move.toHash,
    at: toIso(move.movedAt),
    now: toIso(move.now),
    actor: move.actor,
    trigger: move.trigger ?? null,
    reason: move.reason,
    forced: move.isForced,
    decision: move.decision ?? null,
    gate: gateFacts(db, move),
    approval: approvalFacts(db, move),
  };
}

function gateFacts(db: Database.Database, { gate }: AliasMove): Json {
  if (gate === undefined) return null;
  const row = db
    .prepare<[number], { verdict: string; gate_hash: string; data_hash: string | null; champion_hash: string | null }>(
      'SELECT verdict, gate_hash, data_hash, champion_hash FROM gate_verdict WHERE id = ?',
    )
    .get(gate);
  if (row === undefined) return null;
  return { verdict: row.verdict, gate: row.gate_hash, data: row.data_hash, champion: row.champion_hash };
}

function approvalFacts(db: Database.Database, { approval }: AliasMove): Json {
  if (approval === undefined) return null;
  const row = db
    .prepare<[number], { actor: string; reason: string; given_at: string }>(
      'SELECT actor, reason, given_at FROM approval WHERE id = ?',
    )
    .get(approval);
  return row === undefined ? null : { actor: row.actor, reason: row.reason, at: row.given_at };
}
