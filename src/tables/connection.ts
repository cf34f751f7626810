import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBResult,
  DuckDBResultReader,
} from '@duckdb/node-api';
import type * as Bindings from '@duckdb/node-bindings';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { literal } from './source-sql.js';

/** Memory for DuckDB. Larger tables and groupings spill to a temporary folder, which DuckDB makes and removes. */
const MEMORY_LIMIT = '1GiB';
const THREADS = 2;

const require = createRequire(import.meta.url);

export type Row = Readonly<Record<string, unknown>>;

/** An in-memory DuckDB, opened on first use: loading it takes longer than most commands. */
export interface Connection extends AsyncDisposable {
  /** Where relative paths count from. */
  readonly root: string;
  /** A new path in the temporary folder. The file is removed with the connection. */
  readonly temporaryPath: (ending: string) => string;
  /** `source` is the name in failures. Values are JavaScript's: BIGINT is a bigint, TIMESTAMP a Date. */
  readonly query: (sql: string, source: string, signal?: AbortSignal) => Promise<Result<readonly Row[], Failure>>;
  /** The same on one thread: rows come in the order of the files, so a seeded sample draws the same rows each time. */
  readonly inOrder: (sql: string, source: string) => Promise<Result<readonly Row[], Failure>>;
  /**
   * Columns of doubles, a few thousand rows at a time in the order of the files. `take` gets the values of each column; only
   * the first `rows` count. No column may hold NULL.
   */
  readonly numbers: (
    sql: string,
    source: string,
    take: (columns: readonly Float64Array[], rows: number) => void,
    signal?: AbortSignal,
  ) => Promise<Result<void, Failure>>;
  /** By columns, on one thread: for many rows. */
  readonly columns: (
    sql: string,
    source: string,
  ) => Promise<Result<Readonly<Record<string, readonly unknown[]>>, Failure>>;
}

/** `root`: the folder that relative paths in SQL start from. */
export function createConnection(root: string): Connection {
  const opened: DuckDBConnection[] = [];
  const spilled = join(tmpdir(), `refit-duckdb-${randomUUID()}`);
  const temporary: string[] = [];
  let instance: Promise<DuckDBInstance> | undefined;
  const connect = async (): Promise<DuckDBConnection> => {
    instance ??= openInstance(spilled);
    const connection = await (await instance).connect();
    opened.push(connection);
    // Nothing may be downloaded while a query runs.
    const settings = [
      "TimeZone = 'UTC'",
      'autoinstall_known_extensions = false',
      `file_search_path = ${literal(root)}`,
    ];
    await connection.run(settings.map((setting) => `SET ${setting};`).join(' '));
    return connection;
  };
  const inTurn = createTurns(connect);
  // Two streams of numbers: this thread works on the rows of one while DuckDB makes those of the other.
  const streams = [createTurns(connect), createTurns(connect)];
  let begun = 0;
  const ask = <T>(
    sql: string,
    source: string,
    read: (reader: DuckDBResultReader) => T,
    { threads = THREADS, signal }: { readonly threads?: number; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Result<T, Failure>> =>
    inTurn(source, async (connection) => {
      signal?.throwIfAborted();
      try {
        if (threads !== THREADS) await connection.run(`SET threads = ${threads}`);
        return read(await connection.runAndReadAll(sql));
      } finally {
        if (threads !== THREADS) await connection.run(`SET threads = ${THREADS}`);
      }
    });
  return {
    root,
    temporaryPath: (ending) => {
      const path = join(tmpdir(), `refit-rows-${randomUUID()}${ending}`);
      temporary.push(path);
      return path;
    },
    query: (sql, source, signal) => ask(sql, source, (reader) => reader.getRowObjectsJS(), { signal }),
    numbers: (sql, source, take, signal) => {
      const inStream = streams[begun++ % streams.length] ?? inTurn;
      return inStream(source, async (connection) => {
        signal?.throwIfAborted();
        await readNumbers(await connection.stream(sql), take, signal);
      });
    },
    inOrder: (sql, source) => ask(sql, source, (reader) => reader.getRowObjectsJS(), { threads: 1 }),
    columns: (sql, source) => ask(sql, source, (reader) => reader.getColumnsObjectJS(), { threads: 1 }),
    [Symbol.asyncDispose]: async () => {
      for (const path of temporary) rmSync(path, { force: true });
      // The process is about to end, which frees memory sooner than closing DuckDB does.
      if (!existsSync(spilled)) return;
      for (const connection of opened) connection.closeSync();
      (await instance)?.closeSync();
    },
  };
}

async function openInstance(spilled: string): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  return DuckDBInstance.create(':memory:', {
    threads: String(THREADS),
    memory_limit: MEMORY_LIMIT,
    temp_directory: spilled,
  });
}

/** A connection of its own that runs one query at a time: a second query would end the result of the first. */
function createTurns(connect: () => Promise<DuckDBConnection>) {
  let connected: Promise<DuckDBConnection> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  return <T>(source: string, use: (connection: DuckDBConnection) => Promise<T>): Promise<Result<T, Failure>> => {
    const mine = turn.then(async (): Promise<Result<T, Failure>> => {
      connected ??= connect();
      const connection = await connected;
      try {
        return ok(await use(connection));
      } catch (error) {
        return err({ code: 'data-unreadable', source, reason: reasonOf(error) });
      }
    });
    turn = mine;
    return mine;
  };
}

/** DuckDB's first line; a second one where the first ends with a colon and says nothing by itself. */
function reasonOf(error: unknown): string {
  const lines =
    error instanceof Error ? error.message.split('\n').filter((line) => line.trim() !== '') : [String(error)];
  const [first = '', second] = lines;
  return second !== undefined && /(:|Error on Line: \d+)$/.test(first.trim())
    ? `${first.trim()} ${second.trim()}`
    : first;
}

async function readNumbers(
  result: DuckDBResult,
  take: (columns: readonly Float64Array[], rows: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Loaded already by the API: `require` finds it there, `import` would search for it again.
  const bindings: Pick<typeof Bindings, 'data_chunk_get_vector' | 'vector_get_data'> = require('@duckdb/node-bindings');
  const { DuckDBTypeId } = await import('@duckdb/node-api');
  const columns = Array.from({ length: result.columnCount }, (_, i) => i);
  for (const i of columns)
    if (result.columnTypeId(i) !== DuckDBTypeId.DOUBLE)
      throw new Error(`internal error: a column of ${String(result.columnType(i))} is none of doubles`);
  // DuckDB makes the next chunk while this one is used.
  let next = result.fetchChunk();
  for (;;) {
    const chunk = await next;
    signal?.throwIfAborted();
    const rows = chunk?.rowCount ?? 0;
    if (chunk === null || rows === 0) return;
    next = result.fetchChunk();
    take(
      columns.map((i) => valuesOf(bindings, chunk, { column: i, rows })),
      rows,
    );
  }
}

/** A copy of the vector's memory. Asking the API for each value would cost more than all further work on them. */
function valuesOf(
  bindings: Pick<typeof Bindings, 'data_chunk_get_vector' | 'vector_get_data'>,
  { chunk }: DuckDBDataChunk,
  { column, rows }: { readonly column: number; readonly rows: number },
): Float64Array {
  const bytes = rows * Float64Array.BYTES_PER_ELEMENT;
  const { buffer, byteOffset } = bindings.vector_get_data(bindings.data_chunk_get_vector(chunk, column), bytes);
  return new Float64Array(buffer, byteOffset, rows);
}

/**
 * The same connection, whose queries fail once the signal is given: waiting and later queries at once, a scan at its next
 * rows. A query that DuckDB is already running is not stopped: others may share its connection.
 */
export const untilAborted = (connection: Connection, signal: AbortSignal): Connection => ({
  ...connection,
  query: (sql, source) => connection.query(sql, source, signal),
  numbers: (sql, source, take) => connection.numbers(sql, source, take, signal),
});

/** Numbers of any SQL type; absent for NULL. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

export const requireNumber = (value: unknown): number => {
  const number = numberOf(value);
  if (number === undefined) throw new Error(`internal error: DuckDB gave no number: ${String(value)}`);
  return number;
};
