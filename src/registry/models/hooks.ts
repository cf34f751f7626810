import type Database from 'better-sqlite3';
import type { HookEnd, OwedHook } from '../../domain/models/model.js';
import type { ModelRecords } from '../../domain/ports/registry.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { oneOf } from '../database/rows.js';
import { appendEntry, inTransaction } from './ledger.js';
import { type MoveRow, toMove } from './move-rows.js';

const HOOKS = ['deploy', 'verify'] as const;
const ENDS = ['delivered', 'failed', 'superseded'] as const;

interface EndRow {
  readonly hook: string;
  readonly generation: number;
  readonly outcome: string;
  readonly detail: string;
  readonly ended_at: string;
}

/** The hook outbox of alias moves: owed hooks, every attempt, and the final result. */
export function createHookRecords(
  db: Database.Database,
): Pick<ModelRecords, 'owedHooks' | 'recordHookAttempt' | 'endHook' | 'hookEnds'> {
  // Ordered by name: "deploy" must run before "verify".
  const owed = db.prepare<[string], MoveRow & { readonly hook: string }>(
    `SELECT m.*, o.hook FROM owed_hook AS o JOIN alias_move AS m USING (model, alias, generation)
     WHERE o.model = ? AND NOT EXISTS (SELECT 1 FROM hook_end AS e WHERE e.model = o.model AND e.alias = o.alias
       AND e.generation = o.generation AND e.hook = o.hook) ORDER BY o.alias, o.generation, o.hook`,
  );
  const ends = db.prepare<[string], EndRow>('SELECT * FROM hook_end WHERE model = ? ORDER BY alias, generation, hook');
  return {
    owedHooks: (model) =>
      owed.all(model).map((row): OwedHook => ({ move: toMove(row), hook: oneOf(HOOKS, row.hook, 'hook') })),
    recordHookAttempt: ({ move, hook }, { outcome, startedAt, endedAt }) =>
      void db
        .prepare(
          'INSERT INTO hook_attempt(model, alias, generation, hook, outcome, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(move.model, move.alias, move.generation, hook, outcome, toIso(startedAt), toIso(endedAt)),
    endHook: (one, end) => endHook(db, one, end),
    hookEnds: (model) => ends.all(model).map(toEnd),
  };
}

const toEnd = (row: EndRow): HookEnd => ({
  hook: oneOf(HOOKS, row.hook, 'hook'),
  generation: row.generation,
  outcome: oneOf(ENDS, row.outcome, 'end of a hook'),
  detail: row.detail,
  endedAt: fromIso(row.ended_at),
});

function endHook(
  db: Database.Database,
  { move, hook }: OwedHook,
  { outcome, detail, endedAt }: Omit<HookEnd, 'hook' | 'generation'>,
): void {
  inTransaction(db, () => {
    db.prepare('INSERT INTO hook_end VALUES (?, ?, ?, ?, ?, ?, ?)').run(
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
      actor: move.actor,
    });
  });
}
