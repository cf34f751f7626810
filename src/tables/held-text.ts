import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Connection } from './connection.js';
import { makeReadable, type Readable, statOf } from './read-source.js';
import { fromSql, isColumnar, nameOf } from './source-sql.js';

/** All text that a connection holds. More text is parsed for each question: as a table it would take the memory that questions need. */
const MOST_BYTES = 32 * 1024 * 1024;
/** A packed file may become many times as large. */
const MOST_PACKED_BYTES = 4 * 1024 * 1024;

interface Held {
  bytes: number;
  readonly tables: Map<string, Promise<string | undefined>>;
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
  const readable = await makeReadable(connection, source);
  const files = filesNow(connection, source);
  if (!readable.ok || files === undefined) return readable;
  const own = held.get(connection) ?? { bytes: 0, tables: new Map() };
  held.set(connection, own);
  const known = own.tables.get(files.key);
  if (known === undefined && (!isWorthIt || own.bytes + files.bytes > MOST_BYTES)) return readable;
  const table = known ?? fill(connection, readable.value.source);
  if (known === undefined) own.bytes += files.bytes;
  own.tables.set(files.key, table);
  const name = await table;
  if (name === undefined) return readable;
  const from = { kind: 'query', sql: `SELECT * FROM ${name}`, name: nameOf(source) } as const;
  return ok({ ...readable.value, source: { ...source, from } });
}

async function fill(connection: Connection, { from, ...rest }: TableSource): Promise<string | undefined> {
  const table = `held_${tables++}`;
  const sql = `CREATE TEMP TABLE ${table} AS SELECT * FROM ${fromSql({ from })}`;
  const made = await connection.query(sql, nameOf({ from, ...rest }));
  return made.ok ? table : undefined;
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
