import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { ok, type Result } from '../domain/support/result.js';
import type { Connection } from './connection.js';
import { likelySource, makeReadable, type Readable, statOf } from './read-source.js';
import { nameOf } from './source-sql.js';

/** Smaller files are scanned before DuckDB could begin. */
const LEAST_BYTES = 4 * 1024 * 1024;

export interface Creation {
  readonly create: (source: TableSource) => string;
  readonly drop: string;
}

/**
 * Creates a table of a source. While large CSV files are scanned, DuckDB already reads them as their first megabyte looks; if
 * a later row shows that they are to be read otherwise, it reads them again.
 */
export async function createReadable(
  connection: Connection,
  source: TableSource,
  { create, drop }: Creation,
): Promise<Result<Readable, Failure>> {
  const likely = isLarge(connection, source) ? await likelySource(connection, source) : undefined;
  const ahead = likely === undefined ? undefined : connection.query(create(likely), nameOf(source));
  const readable = await makeReadable(connection, source);
  const early = await ahead;
  const isRight = readable.ok && likely !== undefined && create(likely) === create(readable.value.source);
  if (early?.ok === true && isRight) return readable;
  if (early?.ok === true) await connection.query(drop, nameOf(source));
  if (!readable.ok) return readable;
  const made = await connection.query(create(readable.value.source), nameOf(source));
  return made.ok ? ok(readable.value) : made;
}

function isLarge(connection: Connection, { from }: TableSource): boolean {
  const paths = from.kind === 'files' ? from.paths : [];
  return paths.reduce((sum, path) => sum + (statOf(connection, path)?.size ?? 0), 0) >= LEAST_BYTES;
}
