import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Connection } from './connection.js';
import { isHeld, readHeld } from './held-text.js';
import { type Creation, createReadable } from './read-ahead.js';
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
  const table = `placed_${placed++}`;
  const name = nameOf(asked);
  const kind = isColumnar(asked) && options.extra === undefined ? 'VIEW' : 'TABLE';
  const creation: Creation = {
    // Not TEMP: only one connection would see it. The whole database is in memory and goes with the process.
    create: (source) => {
      const select = selectSql(source);
      const rows = options.extra === undefined ? select : `SELECT *, ${options.extra} FROM (${select})`;
      return `CREATE ${kind} ${table} AS ${rows}`;
    },
    drop: `DROP ${kind} IF EXISTS ${table}`,
  };
  const made = isHeld(connection, asked)
    ? await createFromHeld(connection, asked, creation)
    : await createReadable(connection, asked, creation);
  return made.ok ? ok({ table, readable: made.value, drop: () => connection.query(creation.drop, name) }) : made;
}

async function createFromHeld(
  connection: Connection,
  asked: TableSource,
  { create }: Creation,
): Promise<Result<Readable, Failure>> {
  const readable = await readHeld(connection, asked);
  if (!readable.ok) return readable;
  const made = await connection.query(create(readable.value.source), nameOf(asked));
  return made.ok ? readable : made;
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
