import type Database from 'better-sqlite3';
import { HELD_BECAUSE } from '../../domain/models/held-move.js';
import type { ModelRecords } from '../../domain/ports/records/model-records.js';
import { toIso } from '../../domain/support/time.js';
import { oneOf } from '../database/rows.js';
import { type MoveRow, toMove } from './move-rows.js';

type PulledRecords = Pick<ModelRecords, 'heldMoves' | 'settleHeld' | 'isPulled' | 'recordServed'>;

/** Moves that came from a remote, and whether they are in force here. */
export function createPulledRecords(db: Database.Database): PulledRecords {
  const held = db.prepare<[], MoveRow & { held: string }>(
    `SELECT m.*, p.held FROM pulled_move AS p JOIN alias_move AS m ON m.model = p.model AND m.alias = p.alias
       AND m.generation = p.generation WHERE p.held IS NOT NULL ORDER BY m.model, m.alias, m.generation`,
  );
  return {
    heldMoves: () =>
      held.all().map((row) => ({ move: toMove(row), because: oneOf(HELD_BECAUSE, row.held, 'reason of a held move') })),
    settleHeld: ({ model, alias, generation }, because, at) =>
      void db
        .prepare('UPDATE pulled_move SET held = ?, judged_at = ? WHERE model = ? AND alias = ? AND generation = ?')
        .run(because ?? null, toIso(at), model, alias, generation),
    isPulled: ({ model, alias, generation }) =>
      db
        .prepare('SELECT 1 AS n FROM pulled_move WHERE model = ? AND alias = ? AND generation = ?')
        .get(model, alias, generation) !== undefined,
    recordServed: (move, { path, folder, at }) =>
      db
        .transaction(() => {
          const { lastInsertRowid } = db
            .prepare(
              `INSERT INTO publish_intent(model, alias, expected_generation, move_json, publish_path, folder, opened_at,
                 hooks_json) VALUES (?, ?, ?, ?, ?, ?, ?, '[]')`,
            )
            .run(move.model, move.alias, move.generation - 1, JSON.stringify(move), path, folder, toIso(at));
          db.prepare("INSERT INTO publish_intent_end VALUES (?, 'done', 'moved on another machine', ?)").run(
            Number(lastInsertRowid),
            toIso(at),
          );
        })
        .immediate(),
  };
}
