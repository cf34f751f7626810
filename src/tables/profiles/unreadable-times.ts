import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Failure } from '../../domain/failure.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type Connection, requireNumber } from '../connection.js';
import { identifier } from '../quoted.js';
import { makeReadable, shownPath } from '../read-source.js';
import { fromSql, momentSql } from '../source-sql.js';

/** Digits of a value that are shown. */
const SHOWN = 80;

/**
 * The rows of files whose time is there and tells no moment, with the first of them. `type` is the SQL type of the time column:
 * of a type that holds times each value is one. The window does not count: these rows are in none.
 */
export async function unreadableTimes(
  connection: Connection,
  source: TableSource,
  type: string | undefined,
): Promise<Result<readonly ReadFault[], Failure>> {
  const { timeColumn, from } = source;
  if (timeColumn === undefined || type === undefined || /^(DATE|TIME)/.test(type)) return ok([]);
  if (from.kind !== 'files') return ok([]);
  const time = identifier(timeColumn);
  let rows = 0;
  let first: { readonly file: string; readonly row: number; readonly value: string } | undefined;
  for (const path of from.paths) {
    const file = shownPath(connection, path);
    const readable = await makeReadable(connection, { ...source, from: { kind: 'files', paths: [path] } });
    if (!readable.ok) return readable;
    const table = fromSql({ from: readable.value.source.from });
    const numbered = `SELECT ${time}, row_number() OVER () AS row FROM ${table}`;
    const found = await connection.query(
      `SELECT count(*)::DOUBLE AS rows, min(row)::DOUBLE AS row, left(arg_min(${time}::VARCHAR, row), ${SHOWN}) AS value
       FROM (${numbered}) WHERE ${time} IS NOT NULL AND (${momentSql(timeColumn)}) IS NULL`,
      file,
    );
    if (!found.ok) return found;
    const [here] = found.value;
    const bad = requireNumber(here?.rows);
    rows += bad;
    if (bad > 0) first ??= { file, row: requireNumber(here?.row), value: String(here?.value) };
  }
  if (first === undefined) return ok([]);
  return ok([{ kind: 'unfit-values', column: timeColumn, wanted: 'timestamp', rows, ...first }]);
}
