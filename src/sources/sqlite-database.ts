import { lstatSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { Failure } from '../domain/failure.js';
import type { SourcePlace } from '../domain/pipeline/remote-source.js';
import type {
  OpenSource,
  Probe,
  SourceColumn,
  SourceRequest,
  SourceRows,
  SourceSpan,
} from '../domain/ports/sources.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { unfitDatabase } from '../domain/support/sqlite-files.js';
import { messageOf } from '../domain/support/system-error.js';
import { fromIso } from '../domain/support/time.js';
import { probeText, type Statement, sharedName } from './bound-query.js';
import { openRowWriter } from './row-text.js';
import { bindSqlite, boundOf, createTimeCheck, type TimeProblem } from './sqlite-times.js';

type Place = Extract<SourcePlace, { kind: 'sqlite' }>;

/** How long SQLite waits for a writer that holds its lock. */
const BUSY_MS = 10_000;
/** Larger whole numbers are not all doubles. */
const MOST_WHOLE = 2n ** 53n;

/** A file that is opened for reading only, in one transaction. */
export function openDatabase(
  { dataset, source, time }: SourceRequest,
  { path, query }: Place,
  root: string,
): Result<OpenSource, Failure> {
  const name = `dataset "${dataset}"`;
  let db: Database.Database;
  try {
    db = beginReading(resolve(root, path));
  } catch (error) {
    return err({ code: 'source-unreachable', source: name, place: path, reason: messageOf(error), isFile: true });
  }
  const attempt = <T>(work: () => Promise<Result<T, Failure>>) => orQueryFailure(work, { name, path });
  const bind = (span: SourceSpan): Statement => bindSqlite(query, span, (at) => boundOf(source.timeFormat, at));
  const isWindowed = new Set(query.map((part) => (typeof part === 'string' ? '' : part.bind)));
  const isChecked = time !== undefined && isWindowed.has('window-from') && isWindowed.has('window-until');
  let hasStrays: boolean | undefined;
  // The first read checks all rows. Every read checks its own.
  const checkTimes = (column: string, span: SourceSpan) => {
    const check = createTimeCheck({ db, query, column, format: source.timeFormat });
    const strays = hasStrays === false ? undefined : check.strays();
    hasStrays = strays !== undefined;
    const problem = strays ?? (span.from === fromIso(source.from) ? check.before(span.from) : undefined);
    return { problem, within: check.within(span) };
  };
  const probe = (span: SourceSpan): Promise<Result<Probe, Failure>> =>
    attempt(async () => {
      const { text, values } = bind(span);
      const column = source.updated === undefined ? undefined : `"${source.updated.replaceAll('"', '""')}"`;
      const row = db.prepare<unknown[], { n: bigint; u?: string | null }>(
        probeText(text, column, 'cast(max(?) as text)'),
      );
      const found = row.get(...values);
      return ok({ rows: Number(found?.n ?? 0), updated: found?.u ?? undefined });
    });
  return ok({
    place: path,
    probe,
    read: async (span, to) => {
      const probed = source.updated === undefined ? ok(undefined) : await probe(span);
      if (!probed.ok) return probed;
      const read = await attempt(() =>
        readRows(db, bind(span), {
          to,
          name,
          time: isChecked ? { column: time, check: (column) => checkTimes(column, span) } : undefined,
        }),
      );
      return read.ok ? ok({ ...read.value, updated: probed.value?.updated }) : read;
    },
    [Symbol.asyncDispose]: async () => void db.close(),
  });
}

/** Opens a file for reading only and begins a transaction. Throws if the file is no database that can be read. */
function beginReading(file: string): Database.Database {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new Error('there is no such file');
  // SQLite would wait for the writer of a pipe for ever.
  if (!found.isFile()) throw new Error('it is not a regular file');
  const unfit = unfitDatabase(file, (one) => lstatSync(one, { throwIfNoEntry: false })?.isFile());
  if (unfit !== undefined) throw new Error(unfit);
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
  db.defaultSafeIntegers(true);
  db.exec('BEGIN');
  db.prepare('SELECT count(*) FROM sqlite_master').get();
  return db;
}

/** Turns what SQLite throws into a failure: the file broke off, or the query was refused. Other errors are bugs. */
async function orQueryFailure<T>(
  work: () => Promise<Result<T, Failure>>,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<Result<T, Failure>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Database.SqliteError && /BUSY|CORRUPT|IOERR|NOTADB/.test(error.code))
      return err({ code: 'source-broken-off', source: name, place: path, reason: error.message });
    if (!(error instanceof Database.SqliteError || error instanceof RangeError || error instanceof TypeError))
      throw error;
    return err({ code: 'source-query-refused', source: name, reason: error.message });
  }
}

interface Reading {
  readonly to: string;
  readonly name: string;
  readonly time:
    | {
        readonly column: string;
        readonly check: (column: string) => {
          readonly problem: TimeProblem | undefined;
          readonly within: (value: unknown) => TimeProblem | undefined;
        };
      }
    | undefined;
}

async function readRows(
  db: Database.Database,
  { text, values }: Statement,
  { to, name, time }: Reading,
): Promise<Result<SourceRows, Failure>> {
  const statement = db.prepare<unknown[], unknown[]>(text);
  if (!statement.reader) return err({ code: 'source-query-refused', source: name, reason: 'it gives no rows' });
  const declared = statement.columns();
  const twice = sharedName(declared.map((column) => column.name));
  if (twice !== undefined)
    return err({ code: 'source-query-refused', source: name, reason: `it gives two columns called "${twice}"` });
  const at = declared.findIndex((column) => column.name.toLowerCase() === time?.column.toLowerCase());
  const times = at < 0 ? undefined : time?.check(declared[at]?.name ?? '');
  let unfit = times?.problem;
  if (unfit !== undefined) return err({ code: 'source-time-unfit', source: name, ...unfit });
  const seen = declared.map(() => ({ whole: false, large: false, real: false, text: false, bytes: false }));
  const writer = openRowWriter(to);
  try {
    for (const row of statement.raw(true).iterate(...values) as Iterable<readonly unknown[]>) {
      unfit = times?.within(row[at]);
      if (unfit !== undefined) return err({ code: 'source-time-unfit', source: name, ...unfit });
      writer.write([row.map((value, i) => spell(value, seen[i]))]);
    }
  } finally {
    writer.close();
  }
  const columns: SourceColumn[] = [];
  for (const [i, column] of declared.entries()) {
    const { bytes, text: hasText, whole, real } = seen[i] ?? {};
    if (bytes === true && (hasText === true || whole === true || real === true))
      return err({
        code: 'source-value-unfit',
        source: name,
        column: column.name,
        reason: 'it holds bytes and other values',
        next: `cast(${column.name} as text)`,
      });
    columns.push({ name: column.name, ...typeOf(column.type ?? '', seen[i]) });
  }
  return ok({ table: { kind: 'text', columns, rows: writer.rows(), ...writer.sizes() } });
}

interface Seen {
  whole: boolean;
  large: boolean;
  real: boolean;
  text: boolean;
  bytes: boolean;
}

/** SQLite keeps a type with each value, not with the column. */
function spell(value: unknown, seen: Seen | undefined): string | null {
  if (value === null || value === undefined || seen === undefined) return null;
  if (typeof value === 'bigint') {
    seen.whole = true;
    if (value > MOST_WHOLE || value < -MOST_WHOLE) seen.large = true;
    return String(value);
  }
  if (typeof value === 'number') {
    seen.real = true;
    return String(value);
  }
  if (value instanceof Uint8Array) {
    seen.bytes = true;
    return Buffer.from(value).toString('hex');
  }
  seen.text = true;
  return String(value);
}

/** The declared type if the values follow it, so that all windows have the same types. Otherwise the type of the values. */
function typeOf(declared: string, seen: Seen | undefined): Pick<SourceColumn, 'type' | 'isHex' | 'isEmpty'> {
  if (seen === undefined || seen.text || (seen.large && seen.real)) return { type: 'VARCHAR' };
  if (seen.bytes) return { type: 'BLOB', isHex: true };
  if (!(seen.bytes || seen.real || seen.whole)) return { type: emptyType(declared), isEmpty: true };
  const isReal = /REAL|FLOA|DOUB|NUMERIC|DECIMAL/i.test(declared);
  if (seen.real || (isReal && !seen.large)) return { type: 'DOUBLE' };
  return { type: 'BIGINT' };
}

/**
 * The type of a column without values. When files are combined, DuckDB reads an empty BOOLEAN column as the type of the
 * other file.
 */
function emptyType(declared: string): string {
  if (/REAL|FLOA|DOUB|NUMERIC|DECIMAL/i.test(declared)) return 'DOUBLE';
  if (/INT|BOOL/i.test(declared)) return 'BIGINT';
  if (/BLOB/i.test(declared)) return 'BLOB';
  return /CHAR|TEXT|CLOB|DATE|TIME/i.test(declared) ? 'VARCHAR' : 'BOOLEAN';
}
