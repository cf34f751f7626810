import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Connection } from './connection.js';
import { createReadable } from './read-ahead.js';
import { makeReadable, type Readable, statOf } from './read-source.js';
import { fromSql, isColumnar, nameOf } from './source-sql.js';

/** All text that a connection holds. More text is parsed for each question: as a table it would take the memory that questions need. */
const MOST_BYTES = 32 * 1024 * 1024;
/** A packed file may become many times as large. */
const MOST_PACKED_BYTES = 4 * 1024 * 1024;

interface Held {
  bytes: number;
  readonly tables: Map<string, Promise<Result<Readable, Failure>>>;
}

const held = new WeakMap<Connection, Held>();
let tables = 0;

/**
 * The source made readable, and small text files in a table of this connection that is filled at the first use: one check
 * asks many questions of the same files. Files that have changed are read again. A question that stands alone is not
 * `isWorthIt`: it uses a table that is there and makes none.
 */
export async function readHeld(
  connection: Connection,
  source: TableSource,
  { isWorthIt = true } = {},
): Promise<Result<Readable, Failure>> {
  const files = filesNow(connection, source);
  if (files === undefined) return makeReadable(connection, source);
  const own = held.get(connection) ?? { bytes: 0, tables: new Map() };
  held.set(connection, own);
  const known = own.tables.get(files.key);
  if (known === undefined && (!isWorthIt || own.bytes + files.bytes > MOST_BYTES))
    return makeReadable(connection, source);
  const filled = known ?? fill(connection, source);
  if (known === undefined) own.bytes += files.bytes;
  own.tables.set(files.key, filled);
  const readable = await filled;
  if (!readable.ok) return readable;
  // The table was filled for another question about the same files: the cut is this one's.
  const { spell } = readable.value;
  return ok({
    ...readable.value,
    source: { ...source, from: readable.value.source.from },
    spell: (options) => ({ ...source, from: spell(options).from }),
  });
}

/** Whether a source is held in a table by `readHeld`, now or from its next use on. */
export function isHeld(connection: Connection, source: TableSource): boolean {
  const files = filesNow(connection, source);
  const own = held.get(connection);
  if (files === undefined) return false;
  return own?.tables.has(files.key) === true || (own?.bytes ?? 0) + files.bytes <= MOST_BYTES;
}

async function fill(connection: Connection, source: TableSource): Promise<Result<Readable, Failure>> {
  const table = `held_${tables++}`;
  const made = await createReadable(connection, source, {
    create: ({ from }) => `CREATE TEMP TABLE ${table} AS SELECT * FROM ${fromSql({ from })}`,
    drop: `DROP TABLE IF EXISTS ${table}`,
  });
  if (!made.ok) return made;
  const from = { kind: 'query', sql: `SELECT * FROM ${table}`, name: nameOf(source) } as const;
  return ok({ ...made.value, source: { ...made.value.source, from } });
}

/** What the files are now and what they are read as; `undefined` where they are not to be held. */
function filesNow(
  connection: Connection,
  source: TableSource,
): { readonly key: string; readonly bytes: number } | undefined {
  if (source.from.kind !== 'files' || isColumnar(source)) return undefined;
  let bytes = 0;
  const parts = [JSON.stringify([source.timeColumn ?? null, [...(source.types ?? [])]])];
  for (const path of source.from.paths) {
    const found = statOf(connection, path);
    if (found === undefined) return undefined;
    bytes += /\.(gz|zst)$/i.test(path) ? found.size * (MOST_BYTES / MOST_PACKED_BYTES) : found.size;
    parts.push(JSON.stringify([path, found.ino, found.size, found.mtimeMs, found.ctimeMs]));
  }
  return { key: parts.join('\n'), bytes };
}
