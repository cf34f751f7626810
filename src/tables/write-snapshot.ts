import { brokenRowFailure } from '../domain/data/broken-row.js';
import type { Failure } from '../domain/failure.js';
import type { SnapshotInput, WrittenSnapshot } from '../domain/ports/datasets.js';
import type { SourceColumn } from '../domain/ports/sources.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { type Connection, requireNumber } from './connection.js';
import { identifier, literal } from './quoted.js';
import { makeReadable } from './read-source.js';
import { selectSql } from './source-sql.js';

/** How a row of text is written: see src/sources/row-text.ts. NULL is this word without quotes; each value stands in quotes. */
const TEXT_FORMAT = `header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '\\N',
  allow_quoted_nulls = false, null_padding = false, buffer_size = ${8 * 2 ** 20}, max_line_size = ${2 * 2 ** 20}`;

/** Rows that DuckDB holds before it writes them: with its default it would hold three times as much. */
const ROW_GROUP = 40_960;

/** Writes rows that were read from a remote source as one Parquet file. DuckDB streams: its memory does not grow with the rows. */
export async function writeSnapshot(
  connection: Connection,
  { name, input }: SnapshotInput,
  to: string,
): Promise<Result<WrittenSnapshot, Failure>> {
  const select =
    input.kind === 'text' ? ok(textSql(input.path, input.columns)) : await tableSql(connection, input.path);
  if (!select.ok) return select;
  const written = await connection.query(
    `COPY (${select.value}) TO ${literal(to)} (FORMAT parquet, ROW_GROUP_SIZE ${ROW_GROUP})`,
    name,
  );
  if (!written.ok) return written;
  const table = `read_parquet(${literal(to)})`;
  const described = await connection.query(`DESCRIBE SELECT * FROM ${table}`, name);
  if (!described.ok) return described;
  const counted = await connection.query(`SELECT count(*)::DOUBLE AS n FROM ${table}`, name);
  if (!counted.ok) return counted;
  return ok({
    rows: requireNumber(counted.value[0]?.n),
    columns: described.value.map((row) => ({ name: String(row.column_name), type: String(row.column_type) })),
  });
}

/** Every value comes as text and is cast to the type that keeps it: a number of a query is never a JavaScript number. */
function textSql(path: string, columns: readonly SourceColumn[]): string {
  const read = columns.map((_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const cast = columns.map(({ name, type, isHex }, i) => {
    const value = isHex === true ? `unhex(c${i})` : `CAST(c${i} AS ${type})`;
    return `${value} AS ${identifier(name)}`;
  });
  return `SELECT ${cast.join(', ')} FROM read_csv(${literal(path)}, columns = {${read}}, ${TEXT_FORMAT})`;
}

/** A file in its own format, by the rules for every file of a dataset. */
async function tableSql(connection: Connection, path: string): Promise<Result<string, Failure>> {
  const readable = await makeReadable(connection, { from: { kind: 'files', paths: [path] } });
  if (!readable.ok) return readable;
  const broken = brokenRowFailure(readable.value.faults);
  return broken === undefined ? ok(selectSql(readable.value.source)) : err(broken);
}
