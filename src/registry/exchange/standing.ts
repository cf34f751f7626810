import type { Incoming, ReadEntry, RemoteAlias, Standing, Unit } from '../../domain/exchange/exchange.js';
import { LEDGER_START } from '../../domain/models/ledger.js';
import type { Codec } from './codec.js';

/** What this registry knows about a remote. `root` is the hash of its first entry. */
export interface KnownRemote extends Standing {
  readonly id: number;
  readonly ledgerSequence: number;
  readonly ledgerHash: string;
}

function knownRemote({ statement }: Codec, root: string): KnownRemote | undefined {
  const row = statement('SELECT * FROM remote WHERE root = ?').get(root);
  return row === undefined
    ? undefined
    : {
        id: Number(row.id),
        number: Number(row.number),
        hash: String(row.hash),
        ledgerSequence: Number(row.ledger_sequence),
        ledgerHash: String(row.ledger_hash),
        aliases: JSON.parse(String(row.aliases_json)) as readonly RemoteAlias[],
      };
}

/** The known remote, if the local ledger still contains the remote's last merged entry; else undefined. */
export function soundStanding(codec: Codec, root: string): KnownRemote | undefined {
  const known = knownRemote(codec, root);
  if (known === undefined || known.ledgerSequence === 0) return known;
  const here = codec.statement('SELECT hash FROM ledger_entry WHERE sequence = ?').get(known.ledgerSequence)?.hash;
  return here === known.ledgerHash ? known : undefined;
}

/** The known remote. A new one, or one whose ledger no longer matches the local one, starts with nothing merged. */
export function ensureRemote(codec: Codec, root: string): KnownRemote {
  const sound = soundStanding(codec, root);
  if (sound !== undefined) return sound;
  const { statement } = codec;
  statement(
    `INSERT INTO remote(root, number, hash, ledger_sequence, ledger_hash, aliases_json) VALUES (?, 0, ?, 0, ?, '[]')
     ON CONFLICT (root) DO UPDATE SET number = 0, hash = excluded.hash, ledger_sequence = 0,
       ledger_hash = excluded.ledger_hash, aliases_json = '[]'`,
  ).run(root, '0'.repeat(64), LEDGER_START);
  const made = knownRemote(codec, root);
  if (made === undefined) throw new Error('internal error: the remote was not recorded');
  return made;
}

export function saveStanding({ statement }: Codec, id: number, entries: readonly (ReadEntry | Incoming)[]): void {
  const last = entries.at(-1);
  if (last === undefined) return;
  const appended = entries.reduce((sum, { entry }) => sum + entry.ledger.length, 0);
  const end = entries.findLast(({ entry }) => entry.ledger.length > 0)?.entry.ledger.at(-1)?.hash ?? null;
  statement(
    `UPDATE remote SET number = ?, hash = ?, aliases_json = ?, ledger_sequence = ledger_sequence + ?,
       ledger_hash = coalesce(?, ledger_hash) WHERE id = ?`,
  ).run(last.entry.number, last.hash, JSON.stringify(last.entry.aliases), appended, end, id);
}

/** Whether a unit was sent to the remote before. */
export const sentTo = ({ statement }: Codec, remote: number, kind: string, key: string): boolean =>
  statement('SELECT 1 AS n FROM sent WHERE remote = ? AND kind = ? AND key = ?').get(remote, kind, key) !== undefined;

/** Notes that these units were sent to the remote. */
export function markSent({ statement }: Codec, remote: number, units: readonly Unit[]): void {
  const insert = statement('INSERT OR IGNORE INTO sent VALUES (?, ?, ?)');
  for (const { kind, key } of units) insert.run(remote, kind, key);
}
