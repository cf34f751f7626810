import { createHash } from 'node:crypto';
import type { LogEntry, LostMove, ReadEntry, Renumbered } from '../../domain/exchange/exchange.js';
import { LEDGER_START } from '../../domain/models/ledger.js';
import type { JsonObject } from '../../domain/support/json.js';
import { type Codec, DanglingFact, type Row } from './codec.js';
import { movesOf, tailOf } from './outgoing.js';

/** Difference between the local ledger and a remote's: entries that only one of them has. */
export interface Divergence {
  /** Sequence number of the last entry that both have. */
  readonly common: number;
  readonly theirs: LogEntry['ledger'];
  readonly ours: readonly Row[];
  /** Those of `ours` that `theirs` does not tell. The others came there from a registry that a backup replaced. */
  readonly untold: readonly Row[];
  /** Local moves of aliases that the remote moved too. The remote's moves win. */
  readonly lost: readonly (LostMove & { readonly move: Row })[];
}

/** Compares the remote's entries after sequence number `base` with the local ones. */
export function compareLedgers(codec: Codec, entries: readonly ReadEntry[], base: number): Divergence {
  const all = entries.flatMap(({ entry }) => entry.ledger);
  const here = tailOf(codec, base);
  let same = 0;
  while (same < all.length && all[same]?.hash === here[same]?.hash) same++;
  const theirs = all.slice(same);
  const ours = here.slice(same);
  const told = new Set(theirs.flatMap(({ text }) => factsIn(text)));
  const untold = ours.filter((row) => !told.has(factsOf(saidBy(row))));
  return { common: base + same, theirs, ours, untold, lost: lostMoves(codec, entries, { theirs, ours }) };
}

const saidBy = (row: Row): JsonObject => JSON.parse(String(row.entry_json));

/** What an entry tells apart from its place and from version numbers, which both change in a merge. */
function factsOf(said: JsonObject): string {
  const { sequence: _, from: _from, to: _to, version: _version, kind, model, ...facts } = said;
  return JSON.stringify({ kind, model, ...facts });
}

/** The facts that an entry of the remote tells. A move that was overtaken is told by the entry about that. */
function factsIn(text: string): readonly string[] {
  const said = JSON.parse(text) as JsonObject;
  if (said.kind !== 'overtaken') return [factsOf(said)];
  return [factsOf(said), factsOf({ model: said.model ?? null, ...(said.entry as JsonObject) })];
}

const aliasKey = (model: unknown, alias: unknown): string => `${model}\n${alias}`;

const isMove = ({ kind }: JsonObject): boolean => kind === 'promotion' || kind === 'rollback';

function lostMoves(
  codec: Codec,
  entries: readonly ReadEntry[],
  { theirs, ours }: Pick<Divergence, 'theirs' | 'ours'>,
): Divergence['lost'] {
  const moves = theirs.map((one) => JSON.parse(one.text) as JsonObject).filter(isMove);
  // A move that both tell is one: this registry made it before a backup replaced it.
  const own = new Set(ours.map((row) => factsOf(saidBy(row))));
  const both = new Set(moves.map(factsOf).filter((facts) => own.has(facts)));
  const moved = new Set(
    moves.filter((said) => !both.has(factsOf(said))).map((said) => aliasKey(said.model, said.alias)),
  );
  const newest = entries.at(-1)?.entry.aliases ?? [];
  const onlyOurs = ours.filter((row) => !both.has(factsOf(saidBy(row))));
  return movesOf(codec, onlyOurs).flatMap((move) => {
    if (!moved.has(aliasKey(move.model, move.alias))) return [];
    const champion = newest.find((one) => one.model === move.model && one.alias === move.alias);
    if (champion === undefined) return [];
    return [
      {
        move,
        model: String(move.model),
        alias: String(move.alias),
        ours: {
          version: Number(move.to_version),
          hash: String(move.to_hash),
          run: runOf(codec, String(move.model), Number(move.to_version)),
        },
        theirs: { version: champion.version, hash: champion.hash, run: champion.run },
      },
    ];
  });
}

const runOf = ({ statement }: Codec, model: string, version: number): string =>
  String(statement('SELECT run FROM model_version WHERE model = ? AND version = ?').get(model, version)?.run);

/** Truncates the ledger to the common entries, and moves lost moves to `overtaken`. The history triggers must be disabled. */
export function takeBack({ statement }: Codec, { common, ours, lost }: Divergence, at: string): void {
  if (ours.length > 0) statement('DELETE FROM ledger_entry WHERE sequence > ?').run(common);
  for (const {
    move,
    ours: { run },
  } of lost) {
    const place = [String(move.model), String(move.alias), Number(move.generation)];
    const where = 'WHERE model = ? AND alias = ? AND generation = ?';
    const hooks = ['hook_end', 'hook_attempt', 'owed_hook'].map(
      (table) => [table, statement(`SELECT * FROM ${table} ${where}`).all(...place)] as const,
    );
    statement('INSERT OR IGNORE INTO overtaken_move VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      ...place,
      String(move.moved_at),
      run,
      Number(move.to_version),
      String(move.to_hash),
      JSON.stringify({ move, ...Object.fromEntries(hooks) }),
      at,
    );
    for (const [table] of hooks) statement(`DELETE FROM ${table} ${where}`).run(...place);
    statement(`DELETE FROM alias_move ${where}`).run(...place);
  }
}

/** Appends the remote's entries unchanged and checks the hash chain. */
export function appendTheirs({ statement }: Codec, { common, theirs }: Divergence): void {
  let previous = hashAt(statement, common);
  for (const [i, { text, hash }] of theirs.entries()) {
    const said = JSON.parse(text) as JsonObject;
    const isSound =
      said.sequence === common + i + 1 && createHash('sha256').update(`${previous}\n${text}`).digest('hex') === hash;
    if (!isSound) throw new DanglingFact(`entry ${common + i + 1} of the ledger`);
    insert(statement, { sequence: common + i + 1, said, text, previous, hash });
    previous = hash;
  }
}

/**
 * Appends the local entries again after the remote's. Lost moves and entries about them become `overtaken` entries that keep
 * the original facts.
 */
export function appendOurs(
  { statement }: Codec,
  { untold, lost }: Divergence,
  {
    renumbered,
    at,
    actor,
  }: { readonly renumbered: readonly Renumbered[]; readonly at: string; readonly actor: string },
): void {
  for (const row of untold) {
    const said = JSON.parse(String(row.entry_json)) as JsonObject;
    const isLost = lost.some(({ move }) => isAbout(said, move));
    const { sequence: _, kind, model, ...facts } = withNumbers(said, renumbered);
    if (isLost) append(statement, 'overtaken', String(model), { at, actor, entry: { kind: kind ?? null, ...facts } });
    else append(statement, String(kind), String(model), facts);
  }
}

/** Whether an entry records the move itself or the end of one of its hooks. */
const isAbout = (said: JsonObject, move: Row): boolean =>
  said.model === move.model &&
  (said.kind === 'hook' ? said.of : said.alias === move.alias ? said.generation : undefined) === move.generation;

/** The facts of an entry with version numbers replaced by the current ones. */
function withNumbers(said: JsonObject, renumbered: readonly Renumbered[]): JsonObject {
  const numberOf = new Map(
    renumbered.filter((one) => one.model === said.model).map((one) => [one.former, one.version]),
  );
  const renamed = ['from', 'to', 'version'].flatMap((field) => {
    const version = typeof said[field] === 'number' ? numberOf.get(said[field]) : undefined;
    return version === undefined ? [] : [[field, version] as const];
  });
  return { ...said, ...Object.fromEntries(renamed) };
}

const hashAt = (statement: Codec['statement'], sequence: number): string =>
  String(statement('SELECT hash FROM ledger_entry WHERE sequence = ?').get(sequence)?.hash ?? LEDGER_START);

function append(statement: Codec['statement'], kind: string, model: string, facts: JsonObject): void {
  const last = Number(statement('SELECT max(sequence) AS n FROM ledger_entry').get()?.n ?? 0);
  const said = { sequence: last + 1, kind, model, ...facts };
  const previous = hashAt(statement, last);
  const text = JSON.stringify(said);
  const hash = createHash('sha256').update(`${previous}\n${text}`).digest('hex');
  insert(statement, { sequence: last + 1, said, text, previous, hash });
}

function insert(
  statement: Codec['statement'],
  entry: {
    readonly sequence: number;
    readonly said: JsonObject;
    readonly text: string;
    readonly previous: string;
    readonly hash: string;
  },
): void {
  const { sequence, said, text, previous, hash } = entry;
  statement('INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?, ?)').run(
    sequence,
    String(said.model),
    String(said.kind),
    text,
    previous,
    hash,
  );
}
