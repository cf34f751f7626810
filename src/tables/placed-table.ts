import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Connection } from './connection.js';
import { holdText } from './held-text.js';
import { isColumnar, nameOf, type Sniffing, selectSql } from './source-sql.js';

/** A table that is being profiled. */
export interface Placed {
  readonly connection: Connection;
  readonly table: string;
  /** What a failure calls it. */
  readonly source: string;
  readonly rows: number;
}

let placed = 0;

/**
 * A source under a name of its own: Parquet as a view, since a scan reads only the columns it needs; anything else as a
 * table, so that its text is parsed once. A CSV whose later rows contradict the types of its first is read again with
 * types from all its rows: a retyped column is something to report, not a reason to stop.
 */
export async function place(
  connection: Connection,
  asked: TableSource,
  options: PlaceOptions = {},
): Promise<Result<PlacedTable, Failure>> {
  const source = await holdText(connection, asked);
  const name = nameOf(source);
  const kind = isColumnar(source) && options.extra === undefined ? 'VIEW' : 'TABLE';
  const table = `placed_${placed++}`;
  const create = (sniffing: Sniffing) => {
    const select = selectSql(source, sniffing);
    const rows = options.extra === undefined ? select : `SELECT *, ${options.extra} FROM (${select})`;
    // not TEMP, which only one connection sees: all of the database is, and goes with it
    return connection.query(`CREATE ${kind} ${table} AS ${rows}`, name);
  };
  let made = await create('sample');
  let sniffing: Sniffing = 'sample';
  if (!made.ok && kind === 'TABLE' && source.from.kind === 'files') {
    const again = await create('all-rows');
    if (again.ok) [made, sniffing] = [again, 'all-rows'];
  }
  return made.ok
    ? ok({ table, sniffing, drop: () => connection.query(`DROP ${kind} IF EXISTS ${table}`, name) })
    : made;
}

interface PlaceOptions {
  /** A further column; the rows are then kept, whatever their format. */
  readonly extra?: string;
}

export interface PlacedTable {
  readonly table: string;
  /** What its types were guessed from. */
  readonly sniffing: Sniffing;
  readonly drop: () => Promise<unknown>;
}
