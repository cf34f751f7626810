import type Database from 'better-sqlite3';
import {
  type Incoming,
  jsonKey,
  type Merged,
  type MergeRequest,
  type ReadEntry,
  type Unit,
  type VersionNumber,
} from '../../domain/exchange/exchange.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import { ABSENT_SQL } from '../integrity/absent.js';
import { runSealer } from '../integrity/seals.js';
import { ensureLedger } from '../models/ledger.js';
import { type Codec, DanglingFact, scalar } from './codec.js';
import { rewriting } from './guards.js';
import { appendOurs, appendTheirs, compareLedgers, type Divergence, takeBack } from './merge-ledger.js';
import { firstNumbers, planRenumbering, renumber } from './renumber.js';
import { insertRun, RUN_KIND } from './runs.js';
import { skipNotices } from './skip-notices.js';
import { ensureRemote, markSent, saveStanding, sentTo } from './standing.js';
import { MOVE, TABLES, tableOf, VERSION_KIND, type WireTable } from './tables.js';

/**
 * Merges the next entries of a remote's log in one transaction: adds facts, renumbers versions as the log assigned them, and
 * puts the local ledger entries after the remote's.
 */
export function merge(db: Database.Database, codec: Codec, request: MergeRequest): Merged {
  return db
    .transaction((): Merged => {
      db.pragma('defer_foreign_keys = ON');
      ensureLedger(db);
      const at = toIso(request.at);
      const heard = skipNotices(codec);
      const remote = ensureRemote(codec, request.remote);
      const divergence = compareLedgers(codec, request.entries, remote.ledgerSequence);
      const settled = request.entries.flatMap(({ entry }) => entry.versions);
      // What was sent to a history that is merged again from its start has the number that its entries say.
      const renumbered = planRenumbering(
        codec,
        settled,
        ({ model, run, at: registeredAt }) =>
          remote.number > 0 && sentTo(codec, remote.id, VERSION_KIND, jsonKey([model, run, registeredAt])),
      );
      const parts = divergence.theirs.length > 0 && divergence.ours.length > 0;
      if (parts || renumbered.length > 0)
        rewriting(db, () => {
          renumber(codec, renumbered, at);
          if (parts) takeBack(codec, divergence, at);
        });
      const added = addFacts(db, codec, request.entries, at);
      if (divergence.theirs.length > 0) appendTheirs(codec, divergence);
      if (parts) appendOurs(codec, divergence, { renumbered, at, actor: request.actor });
      const present = request.present();
      for (const { bundle, entry } of request.entries) {
        recordObjects(codec, bundle, { remote: remote.id, present, at: entry.at });
        markSent(codec, remote.id, [...bundle.units, ...entry.moves]);
      }
      saveStanding(codec, remote.id, request.entries);
      heard();
      return {
        ...added,
        renumbered,
        overtaken: divergence.lost.map(({ move: _, ours, ...lost }) => ({
          ...lost,
          ours: { ...ours, version: newNumber(renumbered, lost.model, ours.version) },
        })),
      };
    })
    .immediate();
}

/** Carries a value out of a transaction that is rolled back. */
class Seen<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('rolled back on purpose');
    this.value = value;
  }
}

/** What `look` finds in the registry as it would be after the merge. Nothing is merged. */
export function lookAfterMerge<T>(db: Database.Database, codec: Codec, request: MergeRequest, look: () => T): T {
  try {
    return db
      .transaction((): T => {
        merge(db, codec, request);
        throw new Seen(look());
      })
      .immediate();
  } catch (error) {
    if (error instanceof Seen) return error.value;
    throw error;
  }
}

const newNumber = (renumbered: Merged['renumbered'], model: string, version: number): number =>
  renumbered.find((one) => one.model === model && one.former === version)?.version ?? version;

/** Local moves that a merge would mark as overtaken. Writes nothing. */
export const lostBy = (codec: Codec, entries: readonly ReadEntry[], ledgerSequence: number): Divergence['lost'] =>
  compareLedgers(codec, entries, ledgerSequence).lost;

function addFacts(
  db: Database.Database,
  codec: Codec,
  entries: readonly Incoming[],
  at: string,
): Pick<Merged, 'runs' | 'versions' | 'units'> {
  const seal = runSealer(db);
  const numbers = firstNumbers(entries.flatMap(({ entry }) => entry.versions));
  const versions: VersionNumber[] = [];
  let [runs, units] = [0, 0];
  const add = (unit: Unit): void => {
    if (unit.kind === RUN_KIND) {
      if (codec.statement('SELECT 1 AS n FROM run WHERE id = ?').get(scalar(unit.row.id ?? null)) !== undefined) return;
      insertRun(codec, unit, seal);
      runs++;
    } else if (addRow(codec, unit, numbers.get(unit.key))) {
      const number = numbers.get(unit.key);
      if (unit.kind === VERSION_KIND && number !== undefined) versions.push(numbered(unit, number));
    } else return;
    units++;
  };
  for (const { bundle, entry } of entries) {
    for (const unit of bundle.units) if (tableFor(unit)?.isOfMove !== true) add(unit);
    proveMoves(entry);
    for (const unit of entry.moves) addMove(codec, unit, at);
    for (const unit of bundle.units) if (tableFor(unit)?.isOfMove === true) add(unit);
  }
  return { runs, versions, units };
}

const tableFor = ({ kind }: Unit): WireTable | undefined => TABLES.find((one) => one.kind === kind);

const numbered = ({ row }: Unit, version: number): VersionNumber => ({
  model: String(row.model),
  run: String(row.run),
  at: String(row.registered_at),
  version,
});

/** Adds the fact. Returns false if it exists already. */
function addRow(codec: Codec, unit: Unit, number: number | undefined): boolean {
  const table = tableOf(unit.kind);
  if (table === undefined) throw new DanglingFact(`a fact of kind ${unit.kind}`);
  proveKey(table, unit);
  const row = codec.toRow(table, unit.row);
  if (codec.find(table, row) !== undefined) return false;
  if (unit.kind === VERSION_KIND && number === undefined) throw new DanglingFact(`no number for version ${unit.key}`);
  const full = {
    ...row,
    ...(unit.kind === VERSION_KIND && number !== undefined ? { version: number } : {}),
    // Another machine trained for the same trigger. Its decision counts as a further attempt.
    ...(unit.kind === 'decision_trigger' ? { attempt: freeAttempt(codec, row) } : {}),
  };
  const columns = Object.keys(full);
  const { lastInsertRowid } = codec
    .statement(`INSERT INTO ${table.kind}(${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
    .run(...Object.values(full));
  for (const [child, { parent, columns: below }] of Object.entries(table.children ?? {}))
    for (const one of unit.row[child] as readonly Unit['row'][])
      codec
        .statement(
          `INSERT INTO ${child}(${parent}, ${below.join(', ')}) VALUES (?, ${below.map(() => '?').join(', ')})`,
        )
        .run(Number(lastInsertRowid), ...below.map((column) => scalar(one[column] ?? null)));
  return true;
}

/** A fact is known by its key on every machine, so the key must be that of its row. */
function proveKey(table: WireTable, { key, row }: Unit): void {
  const expected = jsonKey(table.key.map((column) => row[column] ?? null));
  if (key !== expected) throw new DanglingFact(`${table.kind} ${key}, whose row says ${expected}`);
}

function freeAttempt({ statement }: Codec, row: Readonly<Record<string, string | number | null>>): number {
  const taken = statement('SELECT attempt FROM decision_trigger WHERE pipeline = ? AND trigger = ?')
    .all(row.pipeline ?? null, row.trigger ?? null)
    .map((one) => one.attempt);
  let attempt = Number(row.attempt);
  while (taken.includes(attempt)) attempt++;
  return attempt;
}

/** Every move is told by the ledger entries beside it, and by nothing else: the ledger is what `verify` holds it against. */
function proveMoves({ moves, ledger, number }: ReadEntry['entry']): void {
  const told = ledger.map(({ text }) => JSON.parse(text) as JsonObject);
  for (const { row } of moves) {
    const isTold = told.some(
      (one) =>
        one.kind === row.kind &&
        one.model === row.model &&
        one.alias === row.alias &&
        one.generation === row.generation &&
        one.hash === row.to_hash,
    );
    if (!isTold) throw new DanglingFact(`a move of ${row.model} in entry ${number} that its ledger does not tell`);
  }
}

/**
 * Adds a move. It is held until `serving/judge-pulled.ts` has judged it. Where it is published is not taken from outside: the pipeline
 * of this workspace says so.
 */
function addMove(codec: Codec, unit: Unit, at: string): void {
  proveKey(MOVE, unit);
  const row = codec.toRow(MOVE, unit.row);
  if (codec.find(MOVE, row) !== undefined) return;
  const columns = MOVE.columns;
  codec
    .statement(`INSERT INTO alias_move(${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
    .run(...columns.map((column) => row[column] ?? null));
  codec
    .statement("INSERT INTO pulled_move VALUES (?, ?, ?, 'unjudged', ?)")
    .run(row.model ?? null, row.alias ?? null, row.generation ?? null, at);
}

/** Records which objects only the remote has and which nobody has any more, so that `verify` does not report them as lost. */
function recordObjects(
  { statement }: Codec,
  bundle: Incoming['bundle'],
  { remote, present, at }: { readonly remote: number; readonly present: ReadonlySet<string>; readonly at: string },
): void {
  for (const { hash, kind, size, isExecutable } of bundle.objects)
    if (!present.has(`${hash} ${kind}`))
      statement('INSERT OR IGNORE INTO elsewhere VALUES (?, ?, ?, ?)').run(hash, kind, size, isExecutable ? 1 : 0);
  for (const hash of bundle.absent)
    if (!present.has(`${hash} file`) && !present.has(`${hash} folder`)) {
      statement(ABSENT_SQL).run(remote, hash, hash);
      statement('INSERT OR IGNORE INTO collected VALUES (?, ?)').run(hash, at);
    }
}
