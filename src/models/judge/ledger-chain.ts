import { createHash } from 'node:crypto';
import { LEDGER_START, type LedgerEntry, type LedgerProblem } from '../../domain/models/ledger.js';
import type { AliasMove } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';

/**
 * Checks that the ledger is unchanged: every hash covers its text and the previous hash, no number is missing, and the
 * moves match the history of the aliases, which has no gap either. Registries from before the ledger have no entries.
 */
export function checkLedger(entries: readonly LedgerEntry[], moves: readonly AliasMove[]): readonly LedgerProblem[] {
  if (entries.length === 0) return checkHistory(moves, 0);
  return [...checkChain(entries), ...checkMoves(entries, moves), ...checkHistory(moves, entries.length)];
}

function checkChain(entries: readonly LedgerEntry[]): readonly LedgerProblem[] {
  return entries.flatMap((entry, i): readonly LedgerProblem[] => {
    const before = entries[i - 1];
    const sequence = entry.sequence;
    if (sequence !== (before?.sequence ?? 0) + 1)
      return [{ code: 'entry-missing', sequence, detail: `no entry between ${before?.sequence ?? 0} and ${sequence}` }];
    if (entry.previous !== (before?.hash ?? LEDGER_START))
      return [{ code: 'entry-changed', sequence, detail: `entry ${sequence} does not follow the one before it` }];
    const hash = createHash('sha256').update(`${entry.previous}\n${entry.text}`).digest('hex');
    const recorded = JSON.parse(entry.text) as JsonObject;
    const isOwn = recorded.sequence === sequence && recorded.kind === entry.kind && recorded.model === entry.model;
    if (hash === entry.hash && isOwn) return [];
    return [{ code: 'entry-changed', sequence, detail: `entry ${sequence} (${entry.kind}) is not what was written` }];
  });
}

const keyOf = (model: string, alias: unknown, generation: unknown): string => `${model} ${alias} ${generation}`;

/** Checks that each move has an entry, each entry a move, and that both agree. */
function checkMoves(entries: readonly LedgerEntry[], moves: readonly AliasMove[]): readonly LedgerProblem[] {
  const last = entries.at(-1)?.sequence ?? 0;
  const entriesByMove = new Map(
    entries
      .filter((entry) => entry.kind === 'promotion' || entry.kind === 'rollback')
      .map((entry) => {
        const recorded = JSON.parse(entry.text) as JsonObject;
        return [keyOf(entry.model, recorded.alias, recorded.generation), { entry, recorded }] as const;
      }),
  );
  const known = new Set(moves.map((move) => keyOf(move.model, move.alias, move.generation)));
  const unknown = [...entriesByMove].filter(([key]) => !known.has(key));
  return [
    ...moves.flatMap((move): readonly LedgerProblem[] => {
      const found = entriesByMove.get(keyOf(move.model, move.alias, move.generation));
      const what = `${move.kind} ${move.from ?? '–'} → ${move.to} of ${move.model} (generation ${move.generation})`;
      if (found === undefined)
        return [{ code: 'entry-missing', sequence: last, detail: `the ledger has no entry for the ${what}` }];
      const { recorded, entry } = found;
      if (entry.kind === move.kind && agrees(recorded, move)) return [];
      return [
        {
          code: 'entry-changed',
          sequence: entry.sequence,
          detail: `the history and the ledger disagree on the ${what}`,
        },
      ];
    }),
    ...unknown.map(
      ([, { entry }]): LedgerProblem => ({
        code: 'entry-unknown',
        sequence: entry.sequence,
        detail: `entry ${entry.sequence} records a ${entry.kind} that is not in the history`,
      }),
    ),
  ];
}

/** Compares the facts that both have. Entries of an older version of refit may lack some. */
function agrees(recorded: JsonObject, move: AliasMove): boolean {
  const facts: JsonObject = {
    to: move.to,
    from: move.from ?? null,
    hash: move.toHash,
    forced: move.isForced,
    reason: move.reason,
    actor: move.actor,
    at: toIso(move.movedAt),
    now: toIso(move.now),
    decision: move.decision ?? null,
    trigger: move.trigger ?? null,
  };
  return Object.entries(facts).every(([key, value]) => recorded[key] === undefined || recorded[key] === value);
}

/** Checks that generations count from 1 without a gap, and that each move starts where the previous one ended. */
function checkHistory(moves: readonly AliasMove[], last: number): readonly LedgerProblem[] {
  const newest = new Map<string, AliasMove>();
  return [...moves]
    .sort((a, b) => a.generation - b.generation)
    .flatMap((move): readonly LedgerProblem[] => {
      const key = `${move.model} ${move.alias}`;
      const before = newest.get(key);
      newest.set(key, move);
      if (move.generation === (before?.generation ?? 0) + 1 && move.from === before?.to) return [];
      const detail = `${move.model}: move ${move.generation} (${move.from ?? '–'} → ${move.to}) does not follow move ${before?.generation ?? 0}`;
      return [{ code: 'history-gap', sequence: last, detail }];
    });
}
