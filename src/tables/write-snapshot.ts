import { brokenRowFailure } from '../domain/data/broken-row.js';
import type { Failure } from '../domain/failure.js';
import type { SnapshotInput, WrittenSnapshot } from '../domain/ports/datasets.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { type Connection, requireNumber } from './connection.js';
import { describeColumns, keptInParquet } from './parquet/kept-in-parquet.js';
import { identifier, literal } from './quoted.js';
import { makeReadable } from './read-source.js';
import { selectSql } from './source-sql.js';

type TextInput = Extract<SnapshotInput['input'], { kind: 'text' }>;

/** How a row of text is written: see src/sources/row-text.ts. NULL is this word without quotes; each value stands in quotes. */
const TEXT_FORMAT = `header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '\\N',
  allow_quoted_nulls = false, null_padding = false`;
const LINE_BYTES = 2 * 2 ** 20;
/** DuckDB reads so many lines of the largest size at a time. */
const LINES_AHEAD = 4;

/** Rows and bytes that DuckDB holds before it writes them: with its default it would hold three times as many rows. */
const ROW_GROUP = 40_960;
const ROW_GROUP_BYTES = 64 * 2 ** 20;

/** Writes rows that were read from a remote source as one Parquet file. DuckDB streams: its memory does not grow with the rows. */
export async function writeSnapshot(
  connection: Connection,
  { name, input }: SnapshotInput,
  to: string,
): Promise<Result<WrittenSnapshot, Failure>> {
  const select = input.kind === 'text' ? ok(textSql(input)) : await tableSql(connection, input.path);
  if (!select.ok) return select;
  const written = await connection.query(
    `COPY (${select.value}) TO ${literal(to)} (FORMAT parquet, ROW_GROUP_SIZE ${rowGroupOf(input)})`,
    name,
  );
  if (!written.ok)
    return err((input.kind === 'text' ? await unfitValue(connection, name, input) : undefined) ?? written.error);
  const table = `read_parquet(${literal(to)})`;
  const described = await describeColumns(connection, `SELECT * FROM ${table}`, name);
  if (!described.ok) return described;
  const counted = await connection.query(`SELECT count(*)::DOUBLE AS n FROM ${table}`, name);
  if (!counted.ok) return counted;
  return ok({
    rows: requireNumber(counted.value[0]?.n),
    columns: described.value,
  });
}

function rowGroupOf(input: SnapshotInput['input']): number {
  const average = input.kind === 'text' ? (input.sizes?.average ?? 1) : 1;
  return Math.max(1, Math.min(ROW_GROUP, Math.floor(ROW_GROUP_BYTES / average)));
}

/** Every value comes as text and is cast to the type that keeps it: a number of a query is never a JavaScript number. */
function textSql(input: TextInput): string {
  const cast = input.columns.map(({ name, type, isHex }, i) => {
    const value = isHex === true ? `unhex(c${i})` : `CAST(c${i} AS ${type})`;
    return `${value} AS ${identifier(name)}`;
  });
  return `SELECT ${cast.join(', ')} FROM ${linesSql(input)}`;
}

/** The rows as they were written: columns `c0`, `c1` … of text. */
function linesSql({ path, columns, sizes }: TextInput): string {
  const read = columns.map((_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const line = Math.max(LINE_BYTES, (sizes?.largest ?? 0) + 1);
  const memory = `buffer_size = ${LINES_AHEAD * line}, max_line_size = ${line}`;
  return `read_csv(${literal(path)}, columns = {${read}}, ${TEXT_FORMAT}, ${memory})`;
}

/** Letters of a value that a message shows. */
const SHOWN = 60;

/** The first column with a value that its type cannot hold, such as a day before those that DuckDB knows. */
async function unfitValue(connection: Connection, source: string, input: TextInput): Promise<Failure | undefined> {
  for (const [i, { name: column, type, isHex }] of input.columns.entries()) {
    if (isHex === true || type === 'VARCHAR') continue;
    const found = await connection.query(
      `SELECT left(c${i}, ${SHOWN}) AS v FROM ${linesSql(input)} WHERE c${i} IS NOT NULL AND TRY_CAST(c${i} AS ${type}) IS NULL LIMIT 1`,
      source,
    );
    const row = found.ok ? found.value[0] : undefined;
    if (row === undefined) continue;
    const reason = `it holds ${row.v}, which is no value of the type ${type}`;
    return { code: 'source-value-unfit', source, column, reason, next: `cast(${column} as text)` };
  }
  return undefined;
}

/** A file in its own format, by the rules for every file of a dataset. */
async function tableSql(connection: Connection, path: string): Promise<Result<string, Failure>> {
  const readable = await makeReadable(connection, { from: { kind: 'files', paths: [path] } });
  if (!readable.ok) return readable;
  const broken = brokenRowFailure(readable.value.faults);
  if (broken !== undefined) return err(broken);
  const select = selectSql(readable.value.source);
  const columns = await describeColumns(connection, select, path);
  return columns.ok ? ok(keptInParquet(select, columns.value)) : columns;
}
