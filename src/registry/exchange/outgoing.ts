import { jsonKey, type Outgoing, type Unit, type VersionNumber } from '../../domain/exchange/exchange.js';
import type { ContentHash } from '../../domain/ids.js';
import type { JsonObject } from '../../domain/support/json.js';
import type { Codec, Row } from './codec.js';
import { hashesOfRun, RUN_KIND, readsOfRun, runUnit, unsentRuns } from './runs.js';
import { MOVE, TABLES, VERSION_KIND, type WireTable } from './tables.js';

/** The remote to compare with: its row id, 0 for one that has nothing, and the end of its ledger. */
export interface Against {
  readonly remote: number;
  readonly ledgerSequence: number;
  /** Whether to include new ledger entries. Facts about their moves are sent only with them. */
  readonly withLedger: boolean;
  /** Names of facts in entries of the remote that are not merged here: a push that was killed may have sent them. */
  readonly unmerged: ReadonlySet<string>;
}

/** What identifies a fact among those of all kinds. */
export const nameOf = ({ kind, key }: Pick<Unit, 'kind' | 'key'>): string => `${kind} ${key}`;

/** All facts of this registry that the remote does not have. */
export function collectOutgoing(codec: Codec, against: Against): Outgoing {
  const { statement } = codec;
  const tail = tailOf(codec, against.ledgerSequence);
  const moves = movesOf(codec, tail);
  const runs = unsentRuns(codec, against.remote)
    .filter((id) => !against.unmerged.has(nameOf({ kind: RUN_KIND, key: jsonKey([id]) })))
    .map((id) => runUnit(codec, id));
  const isSettled = (row: Row): boolean => against.withLedger || !moves.some((move) => isSameMove(move, row));
  const others = TABLES.flatMap((table) => unsentOf(codec, table, against, isSettled));
  const versions = others
    .filter((unit) => unit.kind === VERSION_KIND)
    .map(({ row }): VersionNumber => {
      const [model, run, at] = [String(row.model), String(row.run), String(row.registered_at)];
      const found = statement(
        'SELECT version FROM model_version WHERE model = ? AND run = ? AND registered_at = ?',
      ).get(model, run, at);
      return { model, run, at, version: Number(found?.version) };
    });
  return {
    units: [...runs, ...others],
    versions,
    hashes: [...new Set([...runs.flatMap(hashesOfRun), ...others.flatMap(hashesOf)])] as ContentHash[],
    reads: [...new Set(runs.flatMap(readsOfRun))] as ContentHash[],
    moves: against.withLedger ? moves.map((row) => codec.toUnit(MOVE, row)) : [],
    ledger: against.withLedger ? tail.map((row) => ({ text: String(row.entry_json), hash: String(row.hash) })) : [],
    runs: runs.length,
  };
}

function unsentOf(
  codec: Codec,
  table: WireTable,
  { remote, unmerged }: Against,
  isSettled: (row: Row) => boolean,
): readonly Unit[] {
  const { statement } = codec;
  const where = table.where === undefined ? '' : `WHERE ${table.where}`;
  const order = table.hasId === true ? 'ORDER BY id' : '';
  const known = statement('SELECT 1 AS n FROM sent WHERE remote = ? AND kind = ? AND key = ?');
  // Read only keys here, so that large texts are read only for rows that are sent.
  const columns = [...table.key, ...(table.hasId === true ? ['id'] : [])].join(', ');
  return statement(`SELECT ${columns} FROM ${table.kind} ${where} ${order}`)
    .all()
    .filter((row) => {
      const key = codec.keyOf(table, row);
      return !unmerged.has(nameOf({ kind: table.kind, key })) && known.get(remote, table.kind, key) === undefined;
    })
    .filter((row) => table.isOfMove !== true || isSettled(row))
    .map((row) => codec.find(table, row) ?? row)
    .map((row) => codec.toUnit(table, row));
}

/** Ledger entries after the given sequence number. */
export const tailOf = ({ statement }: Codec, sequence: number): readonly Row[] =>
  statement('SELECT * FROM ledger_entry WHERE sequence > ? ORDER BY sequence').all(sequence);

/** The alias moves that the ledger entries record. */
export const movesOf = ({ statement }: Codec, tail: readonly Row[]): readonly Row[] =>
  tail.flatMap((entry) => {
    if (entry.kind !== 'promotion' && entry.kind !== 'rollback') return [];
    const said = JSON.parse(String(entry.entry_json)) as JsonObject;
    const row = statement('SELECT * FROM alias_move WHERE model = ? AND alias = ? AND generation = ?').get(
      String(said.model),
      String(said.alias),
      Number(said.generation),
    );
    return row === undefined ? [] : [row];
  });

const isSameMove = (move: Row, row: Row): boolean =>
  move.model === row.model && move.alias === row.alias && move.generation === row.generation;

/** Hashes of content that a fact refers to. */
function hashesOf({ kind, row }: Unit): readonly string[] {
  if (kind === VERSION_KIND || kind === 'run_schema') return [String(row.hash)];
  if (kind === 'evaluation') return typeof row.predictions === 'string' ? [row.predictions] : [];
  if (kind === 'data_look') return (row.look_schema as readonly JsonObject[]).map((one) => String(one.hash));
  return [];
}
