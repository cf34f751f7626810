import { type Stats, statSync } from 'node:fs';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Connection } from './connection.js';
import { fromSql, isColumnar, nameOf } from './source-sql.js';

/** All text that a connection holds; more is parsed each time it is asked for: it would take the memory that the asking needs. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Of a packed file nobody knows how much comes out. */
const MOST_PACKED_BYTES = 4 * 1024 * 1024;

interface Held {
  bytes: number;
  readonly tables: Map<string, Promise<string | undefined>>;
}

const held = new WeakMap<Connection, Held>();
let tables = 0;

/**
 * The same rows from a table of this connection, filled at the first use, where they are small files of text: DuckDB guesses
 * dialect and types of each file anew in each query, 20 ms a file, and one look at the data asks many questions. Files that
 * changed meanwhile are read again; what cannot be read whole is left to each question. A question that stands alone is not
 * `isWorthIt`: it takes the table that is there, and makes none.
 */
export async function holdText(
  connection: Connection,
  source: TableSource,
  { isWorthIt = true } = {},
): Promise<TableSource> {
  const files = filesNow(source);
  if (files === undefined || source.from.kind !== 'files') return source;
  const own = held.get(connection) ?? { bytes: 0, tables: new Map() };
  held.set(connection, own);
  const known = own.tables.get(files.key);
  if (known === undefined && (!isWorthIt || own.bytes + files.bytes > MOST_BYTES)) return source;
  const table = known ?? fill(connection, source.from.paths);
  if (known === undefined) own.bytes += files.bytes;
  own.tables.set(files.key, table);
  const name = await table;
  return name === undefined
    ? source
    : { ...source, from: { kind: 'query', sql: `SELECT * FROM ${name}`, name: nameOf(source) } };
}

async function fill(connection: Connection, paths: readonly string[]): Promise<string | undefined> {
  const table = `held_${tables++}`;
  const source: TableSource = { from: { kind: 'files', paths } };
  const made = await connection.query(`CREATE TEMP TABLE ${table} AS SELECT * FROM ${fromSql(source)}`, nameOf(source));
  return made.ok ? table : undefined;
}

/** What the files are now; `undefined` where they are not to be held. */
function filesNow(source: TableSource): { readonly key: string; readonly bytes: number } | undefined {
  if (source.from.kind !== 'files' || isColumnar(source)) return undefined;
  let bytes = 0;
  const parts: string[] = [];
  for (const path of source.from.paths) {
    const found = statOf(path);
    if (found === undefined) return undefined;
    bytes += /\.(gz|zst)$/i.test(path) ? found.size * (MOST_BYTES / MOST_PACKED_BYTES) : found.size;
    parts.push(JSON.stringify([path, found.ino, found.size, found.mtimeMs, found.ctimeMs]));
  }
  return { key: parts.join('\n'), bytes };
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
