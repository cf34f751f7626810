import type Database from 'better-sqlite3';
import type { HookEnd, OwedHook } from '../../domain/models/model.js';
import type { ModelRecords } from '../../domain/ports/records/model-records.js';
import { toIso } from '../../domain/support/time.js';
import { oneOf } from '../database/rows.js';
import { appendEntry, inTransaction } from './ledger.js';
import { type MoveRow, toMove } from './move-rows.js';

const HOOKS = ['deploy', 'verify'] as const;

interface EndRow {
  readonly hook: string;
  readonly outcome: string;
}

/** The hook outbox of alias moves: owed hooks, every attempt, and the final result. */
export function createHookRecords(
  db: Database.Database,
): Pick<ModelRecords, 'owedHooks' | 'owe' | 'undelivered' | 'recordHookAttempt' | 'endHook'> {
  // Ordered by name: "deploy" must run before "verify".
  const owed = db.prepare<[string], MoveRow & { readonly hook: string }>(
    `SELECT m.*, o.hook FROM owed_hook AS o JOIN alias_move AS m USING (model, alias, generation)
     WHERE o.model = ? AND NOT EXISTS (SELECT 1 FROM hook_end AS e WHERE e.model = o.model AND e.alias = o.alias
       AND e.generation = o.generation AND e.hook = o.hook) ORDER BY o.alias, o.generation, o.hook`,
  );
  // The ledger has every end. A row of hook_end is only the first one, because it cannot be changed. "deploy" before "verify".
  const ends = db.prepare<[string, number, string, string, number], EndRow>(
    `SELECT h.hook, max(l.sequence), l.entry_json ->> 'outcome' AS outcome FROM hook_end AS h JOIN ledger_entry AS l
       ON l.model = h.model AND l.entry_json ->> 'hook' = h.hook
     WHERE l.model = ? AND l.kind = 'hook' AND l.entry_json ->> 'of' = ?
       AND h.model = ? AND h.alias = ? AND h.generation = ? GROUP BY h.hook ORDER BY h.hook`,
  );
  return {
    owedHooks: (model) =>
      owed.all(model).map((row): OwedHook => ({ move: toMove(row), hook: oneOf(HOOKS, row.hook, 'hook') })),
    owe: ({ move, hook }) =>
      void db
        .prepare('INSERT OR IGNORE INTO owed_hook VALUES (?, ?, ?, ?)')
        .run(move.model, move.alias, move.generation, hook),
    recordHookAttempt: ({ move, hook }, { outcome, startedAt, endedAt }) =>
      void db
        .prepare(
          'INSERT INTO hook_attempt(model, alias, generation, hook, outcome, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(move.model, move.alias, move.generation, hook, outcome, toIso(startedAt), toIso(endedAt)),
    endHook: (one, end) => endHook(db, one, end),
    undelivered: (move) =>
      ends
        .all(move.model, move.generation, move.model, move.alias, move.generation)
        .filter(({ outcome }) => outcome !== 'delivered')
        .map((row): OwedHook => ({ move, hook: oneOf(HOOKS, row.hook, 'hook') })),
  };
}

function endHook(db: Database.Database, { move, hook }: OwedHook, { outcome, detail, endedAt, again }: HookEnd): void {
  inTransaction(db, () => {
    const keep = again === undefined ? 'INSERT' : 'INSERT OR IGNORE';
    db.prepare(`${keep} INTO hook_end VALUES (?, ?, ?, ?, ?, ?, ?)`).run(
      move.model,
      move.alias,
      move.generation,
      hook,
      outcome,
      detail,
      toIso(endedAt),
    );
    appendEntry(db, 'hook', move.model, {
      hook,
      of: move.generation,
      version: move.to,
      outcome,
      detail,
      at: toIso(endedAt),
      actor: again?.actor ?? move.actor,
      ...(again === undefined ? {} : { reason: again.reason }),
    });
  });
}
