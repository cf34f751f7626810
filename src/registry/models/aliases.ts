import type Database from 'better-sqlite3';
import type { IntentId, WorkspacePath } from '../../domain/ids.js';
import type { AliasMove, PublishIntent } from '../../domain/models/model.js';
import type { ModelRecords } from '../../domain/ports/records/model-records.js';
import { fromIso, type Instant, toIso } from '../../domain/support/time.js';
import { fromJson, optionalJson } from '../database/rows.js';
import { appendMove } from './ledger.js';
import { type MoveRow, toMove } from './move-rows.js';

interface IntentRow {
  readonly id: number;
  readonly expected_generation: number;
  readonly move_json: string;
  readonly publish_path: string | null;
  readonly folder: string | null;
  readonly hooks_json: string | null;
  readonly opened_at: string;
}

const toIntent = (row: IntentRow): PublishIntent => ({
  id: row.id as IntentId,
  move: fromJson(row.move_json),
  expectedGeneration: row.expected_generation,
  ...(row.publish_path === null ? {} : { publishPath: row.publish_path as WorkspacePath }),
  ...(row.folder === null ? {} : { folder: row.folder }),
  hooks: optionalJson(row.hooks_json) ?? [],
  openedAt: fromIso(row.opened_at),
});

type AliasRecords = Pick<
  ModelRecords,
  | 'alias'
  | 'aliasAt'
  | 'moves'
  | 'recordedMoves'
  | 'lastGeneration'
  | 'highestGeneration'
  | 'openIntent'
  | 'commitIntent'
  | 'abortIntent'
  | 'openIntents'
>;

const OPEN_INTENTS = 'SELECT * FROM publish_intent WHERE id NOT IN (SELECT intent FROM publish_intent_end)';

/** Records of alias moves and of the intents that precede them. */
export function createAliasRecords(db: Database.Database): AliasRecords {
  const current = db.prepare<[string, string], MoveRow>('SELECT * FROM current_alias WHERE model = ? AND alias = ?');
  const at = db.prepare<[string, string, string], MoveRow>(
    'SELECT * FROM move_in_force WHERE model = ? AND alias = ? AND now <= ? ORDER BY generation DESC LIMIT 1',
  );
  const moves = db.prepare<[string], MoveRow>('SELECT * FROM move_in_force WHERE model = ? ORDER BY id');
  const recorded = db.prepare<[string], MoveRow>('SELECT * FROM alias_move WHERE model = ? ORDER BY id');
  const highest = db.prepare<[{ model: string; alias: string }], { generation: number | null }>(
    `SELECT max(generation) AS generation FROM (
       SELECT generation FROM alias_move WHERE model = @model AND alias = @alias
       UNION ALL SELECT generation FROM overtaken_move WHERE model = @model AND alias = @alias
       UNION ALL SELECT expected_generation + 1 FROM publish_intent WHERE model = @model AND alias = @alias)`,
  );
  const one = (row: MoveRow | undefined) => (row === undefined ? undefined : toMove(row));
  return {
    alias: (model, alias) => one(current.get(model, alias)),
    aliasAt: (model, alias, when) => one(at.get(model, alias, toIso(when))),
    moves: (model) => moves.all(model).map(toMove),
    recordedMoves: (model) => recorded.all(model).map(toMove),
    lastGeneration: (model, alias) => generationOf(db, model, alias),
    highestGeneration: (model, alias) => highest.get({ model, alias })?.generation ?? 0,
    openIntent: (intent) => openIntent(db, intent),
    commitIntent: (intent, when) => commitIntent(db, intent, when),
    abortIntent: (intent, when, reason) =>
      void db.prepare("INSERT INTO publish_intent_end VALUES (?, 'aborted', ?, ?)").run(intent, reason, toIso(when)),
    openIntents: () => db.prepare<[], IntentRow>(`${OPEN_INTENTS} ORDER BY id`).all().map(toIntent),
  };
}

const generationOf = (db: Database.Database, model: string, alias: string): number =>
  db
    .prepare<[string, string], { generation: number | null }>(
      'SELECT max(generation) AS generation FROM alias_move WHERE model = ? AND alias = ?',
    )
    .get(model, alias)?.generation ?? 0;

function openIntent(db: Database.Database, intent: Omit<PublishIntent, 'id'>): IntentId | undefined {
  const { model, alias } = intent.move;
  return db
    .transaction((): IntentId | undefined => {
      if (generationOf(db, model, alias) !== intent.expectedGeneration) return undefined;
      const isOpen = db.prepare<[string, string]>(`${OPEN_INTENTS} AND model = ? AND alias = ?`).get(model, alias);
      if (isOpen !== undefined) return undefined;
      const inserted = db
        .prepare(
          `INSERT INTO publish_intent(model, alias, expected_generation, move_json, publish_path, folder, opened_at,
             hooks_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          model,
          alias,
          intent.expectedGeneration,
          JSON.stringify(intent.move),
          intent.publishPath ?? null,
          intent.folder ?? null,
          toIso(intent.openedAt),
          JSON.stringify(intent.hooks),
        );
      return Number(inserted.lastInsertRowid) as IntentId;
    })
    .immediate();
}

function commitIntent(db: Database.Database, id: IntentId, when: Instant): AliasMove {
  return db
    .transaction((): AliasMove => {
      const row = db.prepare<[number], IntentRow>('SELECT * FROM publish_intent WHERE id = ?').get(id);
      if (row === undefined) throw new Error(`internal error: unknown publish intent ${id}`);
      const intent = toIntent(row);
      const move: AliasMove = { ...intent.move, generation: intent.expectedGeneration + 1 };
      insertMove(db, move);
      for (const hook of intent.hooks)
        db.prepare('INSERT INTO owed_hook VALUES (?, ?, ?, ?)').run(move.model, move.alias, move.generation, hook);
      appendMove(db, move);
      db.prepare("INSERT INTO publish_intent_end VALUES (?, 'done', NULL, ?)").run(id, toIso(when));
      return move;
    })
    .immediate();
}

function insertMove(db: Database.Database, move: AliasMove): void {
  db.prepare(
    `INSERT INTO alias_move(model, alias, generation, kind, from_version, to_version, to_hash, reason, is_forced, actor,
       gate, decision, moved_at, now, approval, trigger_kind)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    move.model,
    move.alias,
    move.generation,
    move.kind,
    move.from ?? null,
    move.to,
    move.toHash,
    move.reason,
    move.isForced ? 1 : 0,
    move.actor,
    move.gate ?? null,
    move.decision ?? null,
    toIso(move.movedAt),
    toIso(move.now),
    move.approval ?? null,
    move.trigger ?? null,
  );
}
