import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Connection } from './connection.js';
import { readHeld } from './held-text.js';
import type { Readable } from './read-source.js';
import { isColumnar, nameOf, selectSql } from './source-sql.js';

/** A table that is being profiled. */
export interface Placed {
  readonly connection: Connection;
  readonly table: string;
  /** Its name in failures. */
  readonly source: string;
  readonly rows: number;
}

let placed = 0;

/**
 * Gives a source a name of its own: Parquet becomes a view, since a scan reads only the columns it needs, everything else a
 * table, so that text is parsed once.
 */
export async function place(
  connection: Connection,
  asked: TableSource,
  options: PlaceOptions = {},
): Promise<Result<PlacedTable, Failure>> {
  const readable = await readHeld(connection, asked);
  if (!readable.ok) return readable;
  const { source } = readable.value;
  const name = nameOf(asked);
  const kind = isColumnar(source) && options.extra === undefined ? 'VIEW' : 'TABLE';
  const table = `placed_${placed++}`;
  const select = selectSql(source);
  const rows = options.extra === undefined ? select : `SELECT *, ${options.extra} FROM (${select})`;
  // Not TEMP: only one connection would see it. The whole database is in memory and goes with the process.
  const made = await connection.query(`CREATE ${kind} ${table} AS ${rows}`, name);
  if (!made.ok) return made;
  const drop = () => connection.query(`DROP ${kind} IF EXISTS ${table}`, name);
  return ok({ table, readable: readable.value, drop });
}

interface PlaceOptions {
  /** A further column; the rows are then kept, whatever their format. */
  readonly extra?: string;
}

export interface PlacedTable {
  readonly table: string;
  readonly readable: Readable;
  readonly drop: () => Promise<unknown>;
}
