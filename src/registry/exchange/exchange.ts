import type Database from 'better-sqlite3';
import { NOTHING_TAKEN_IN, type RemoteAlias, type RemoteObject } from '../../domain/exchange/exchange.js';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { RegistryExchange } from '../../domain/ports/exchange.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { ObjectKind } from '../../domain/upkeep.js';
import { ensureLedger, inTransaction } from '../models/ledger.js';
import { type Codec, createCodec, DanglingFact } from './codec.js';
import { BrokenSeal } from './guards.js';
import { lookAfterMerge, lostBy, merge } from './merge.js';
import { collectOutgoing, nameOf } from './outgoing.js';
import { settleNumbers, versionsOf } from './renumber.js';
import { ensureRemote, markSent, saveStanding, soundStanding } from './standing.js';

/** Exchanges registry facts with remotes. See remote/stores/REMOTES.md. */
export function createExchange(db: Database.Database): RegistryExchange {
  const codec = createCodec(db);
  const { statement } = codec;
  return {
    standing: (root) => soundStanding(codec, root) ?? NOTHING_TAKEN_IN,
    rootAt: (place) => {
      const row = statement('SELECT root FROM remote_place WHERE place = ?').get(place);
      return row === undefined ? undefined : String(row.root);
    },
    lostTo: (root, entries) =>
      lostBy(codec, entries, soundStanding(codec, root)?.ledgerSequence ?? 0).map(({ move: _, ...lost }) => lost),
    outgoing: (root, { withLedger, unmerged }) =>
      inTransaction(db, () => {
        ensureLedger(db);
        const known = root === undefined ? undefined : soundStanding(codec, root);
        return collectOutgoing(codec, {
          remote: known?.id ?? 0,
          ledgerSequence: known?.ledgerSequence ?? 0,
          withLedger,
          unmerged: new Set(unmerged.map(nameOf)),
        });
      }),
    settle: (versions, settled) => settleNumbers(versions, settled, (model) => versionsOf(statement, model)),
    aliases: () => currentAliases(codec),
    recordSent: ({ root, place, units, taken }) =>
      inTransaction(db, () => {
        const { id } = ensureRemote(codec, root);
        markSent(codec, id, units);
        saveStanding(codec, id, [taken]);
        statement('INSERT OR REPLACE INTO remote_place VALUES (?, ?)').run(place, root);
      }),
    recordPlace: (place, root) =>
      inTransaction(db, () => {
        ensureRemote(codec, root);
        statement('INSERT OR REPLACE INTO remote_place VALUES (?, ?)').run(place, root);
      }),
    merge: (request) => orDamaged(() => merge(db, codec, request)),
    lookAfterMerge: (request, look) => orDamaged(() => lookAfterMerge(db, codec, request, look)),
    elsewhere: () => objectsElsewhere(codec),
    recordFetched: (hashes) =>
      inTransaction(db, () => {
        for (const hash of hashes) statement('DELETE FROM elsewhere WHERE hash = ?').run(hash);
      }),
  };
}

/** Where the remote has every alias, whether its move is in force here or held. */
const currentAliases = ({ statement }: Codec): readonly RemoteAlias[] =>
  statement(
    `SELECT m.model, m.alias, m.generation, v.run, m.to_version AS version, m.to_hash AS hash FROM alias_move AS m
     JOIN model_version AS v ON v.model = m.model AND v.version = m.to_version
     WHERE m.generation = (SELECT max(generation) FROM alias_move WHERE model = m.model AND alias = m.alias)
     ORDER BY m.model, m.alias`,
  )
    .all()
    .map((row) => ({
      model: String(row.model),
      alias: String(row.alias),
      generation: Number(row.generation),
      run: String(row.run),
      version: Number(row.version),
      hash: String(row.hash),
    }));

/** Objects that only a remote has. */
const objectsElsewhere = ({ statement }: Codec): readonly RemoteObject[] =>
  statement('SELECT * FROM elsewhere')
    .all()
    .map((row) => ({
      hash: row.hash as ContentHash,
      kind: row.kind as ObjectKind,
      size: Number(row.size),
      isExecutable: row.is_executable === 1,
    }));

/** Turns errors about damaged data into failures. The thrown error has rolled back the transaction. */
function orDamaged<T>(work: () => T): Result<T, Failure> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof BrokenSeal)
      return err({
        code: 'integrity',
        what: `the local registry (${error.message})`,
        expected: 'the row that was written',
        found: 'another one',
        next: 'nothing was merged; "refit verify" lists what is damaged',
      });
    const problem = error instanceof DanglingFact ? error.message : contradiction(error);
    if (problem !== undefined)
      return err({
        code: 'integrity',
        what: 'the history at the remote',
        expected: 'a complete history',
        found: problem,
        next: 'nothing was merged; the remote was changed by hand or is damaged: compare it with a backup',
      });
    throw error;
  }
}

/** What SQLite says of facts that contradict each other: a reference to a row that is not there, a key that is there twice. */
function contradiction(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^SQLITE_(?:CONSTRAINT|MISMATCH|RANGE)/.test(error.code)
    ? `facts that contradict each other (${error.message})`
    : undefined;
}
