import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
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
import type { Places } from './places.js';
import { literal } from './quoted.js';

/** Memory for DuckDB. Larger tables and groupings spill to a temporary folder. */
const MEMORY_LIMIT = '1GiB';
const THREADS = 2;

const require = createRequire(import.meta.url);

export type Row = Readonly<Record<string, unknown>>;

/** An in-memory DuckDB, opened on first use: loading it takes longer than most commands. */
export interface Connection extends AsyncDisposable {
  /** Where relative paths count from. */
  readonly root: string;
  /** Why a file may not be read; `undefined` if it may. `source`: its name in the failure. */
  readonly placeFault: (path: string, source: string) => Failure | undefined;
  /** A new path in the temporary folder. The file is removed with the connection. */
  readonly temporaryPath: (ending: string) => string;
  /** `source` is the name in failures. Values are JavaScript's: BIGINT is a bigint, TIMESTAMP a Date. */
  readonly query: (sql: string, source: string, signal?: AbortSignal) => Promise<Result<readonly Row[], Failure>>;
  /** How many statements DuckDB's parser sees in a text, or what it says against it; nothing is run. */
  readonly countStatements: (text: string) => Promise<number | string>;
  /**
   * Columns of doubles, a few thousand rows at a time in the order of the files. `take` gets the values of each column;
   * only the first `rows` values count. No column may hold NULL.
   */
  readonly numbers: (
    sql: string,
    source: string,
    take: (columns: readonly Float64Array[], rows: number) => void,
    signal?: AbortSignal,
  ) => Promise<Result<void, Failure>>;
  /** By columns: for many rows. */
  readonly columns: (
    sql: string,
    source: string,
  ) => Promise<Result<Readonly<Record<string, readonly unknown[]>>, Failure>>;
}

/** What stops a statement. */
export interface QueryLimits {
  /** The command is to end. */
  readonly signal?: AbortSignal;
  /** How long SQL of a pipeline file may take; without end if absent. */
  readonly userSqlMs?: number;
}

interface ConnectionPlaces {
  /** The folder that relative paths start from: that of the process. */
  readonly root: string;
  readonly places: Places;
  /** A folder for copies and for what DuckDB spills, made at the first use, for this process alone. */
  readonly scratch: () => string;
  readonly limits?: QueryLimits;
}

export interface Connections {
  readonly plain: Connection;
  /** The same one, for statements with SQL of a pipeline file. */
  readonly limited: Connection;
}

export function createConnection({ root, places, scratch, limits = {} }: ConnectionPlaces): Connections {
  const temporary: string[] = [];
  const folder = createFolder(root);
  const database = createDatabase({ places, scratch });
  const inTurn = createTurns(database.connect);
  // Two streams of numbers: this thread works on the rows of one while DuckDB makes those of the other.
  const streams = [createTurns(database.connect), createTurns(database.connect)];
  let begun = 0;
  const ask = <T>(
    sql: string,
    source: string,
    read: (reader: DuckDBResultReader) => T,
    { signal, ms }: { readonly signal?: AbortSignal | undefined; readonly ms: number | undefined },
  ): Promise<Result<T, Failure>> =>
    inTurn(source, async (connection) => {
      signal?.throwIfAborted();
      folder.enter();
      return untilStopped(connection, { ...limits, ms }, async () => read(await connection.runAndReadAll(sql)));
    });
  const plain = (ms?: number): Connection => ({
    root,
    placeFault: (path, source) => (temporary.includes(path) ? undefined : places.fault(path, source)),
    temporaryPath: (ending) => {
      const path = join(scratch(), `rows-${randomUUID()}${ending}`);
      temporary.push(path);
      return path;
    },
    query: (sql, source, signal) => ask(sql, source, (reader) => reader.getRowObjectsJS(), { signal, ms }),
    numbers: (sql, source, take, signal) => {
      const inStream = streams[begun++ % streams.length] ?? inTurn;
      return inStream(source, async (connection) => {
        signal?.throwIfAborted();
        folder.enter();
        await untilStopped(connection, { ...limits, ms }, async () =>
          readNumbers(await connection.stream(sql), take, signal),
        );
      });
    },
    countStatements: async (text) => {
      const counted = await inTurn('query', async (connection) => (await connection.extractStatements(text)).count);
      if (counted.ok) return counted.value;
      return 'reason' in counted.error ? counted.error.reason.replace(/^Failed to extract statements: /, '') : '';
    },
    columns: (sql, source) => ask(sql, source, (reader) => reader.getColumnsObjectJS(), { ms }),
    [Symbol.asyncDispose]: async () => {
      for (const path of temporary) rmSync(path, { force: true });
      folder.leave();
      await database.close();
    },
  });
  return { plain: plain(), limited: plain(limits.userSqlMs) };
}

/** Thrown where DuckDB was told to stop. */
class TooSlow extends Error {
  readonly limitMs: number;
  constructor(limitMs: number) {
    super(`stopped after ${limitMs} ms`);
    this.limitMs = limitMs;
  }
}

/** DuckDB stops between two batches of rows; one call of a function on a huge list is not waited for. */
const GRACE_MS = 2000;

/** Interrupts what the connection runs when the time is over or the command is to end. */
async function untilStopped<T>(
  connection: DuckDBConnection,
  { signal, ms }: Pick<QueryLimits, 'signal'> & { readonly ms: number | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const timers: NodeJS.Timeout[] = [];
  const stop = (): void => connection.interrupt();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (ms === undefined) return await work();
    const late = new Promise<never>((_, reject) => {
      timers.push(
        setTimeout(stop, ms),
        setTimeout(() => reject(new TooSlow(ms)), ms + GRACE_MS),
      );
    });
    return await Promise.race([work(), late]);
  } catch (error) {
    const isStopped = error instanceof Error && /^INTERRUPT Error/.test(error.message) && signal?.aborted !== true;
    throw isStopped && ms !== undefined ? new TooSlow(ms) : error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** The one place that opens DuckDB, at the first connection, and confines it. */
function createDatabase({ places, scratch }: Pick<ConnectionPlaces, 'places' | 'scratch'>) {
  const opened: DuckDBConnection[] = [];
  let spilled: string | undefined;
  let instance: Promise<DuckDBInstance> | undefined;
  return {
    connect: async (): Promise<DuckDBConnection> => {
      spilled ??= join(scratch(), 'spill');
      instance ??= openConfined({ ...places.all(), scratch: scratch(), spilled });
      const connection = await (await instance).connect();
      opened.push(connection);
      return connection;
    },
    /** Removes what was spilled. Without that nothing is closed: the end of the process frees memory sooner. */
    close: async (): Promise<void> => {
      if (spilled === undefined || !existsSync(spilled)) return;
      for (const connection of opened) connection.closeSync();
      (await instance)?.closeSync();
    },
  };
}

/**
 * A confined DuckDB resolves relative paths from the folder of the process, whatever its search path is. The process goes back
 * at the end: a scratch workspace is removed then.
 */
function createFolder(root: string) {
  const folder = resolve(root);
  let before: string | undefined;
  return {
    enter: () => {
      const current = process.cwd();
      if (current === folder) return;
      before ??= current;
      process.chdir(folder);
    },
    leave: () => {
      if (before !== undefined && process.cwd() === folder) process.chdir(before);
    },
  };
}

interface Confinement {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly scratch: string;
  readonly spilled: string;
}

/** No file outside of these places, no network, no extension, and no statement can change that. */
async function openConfined({ folders, files, scratch, spilled }: Confinement): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(THREADS),
    memory_limit: MEMORY_LIMIT,
    temp_directory: spilled,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const list = (paths: readonly string[]): string => `[${paths.map(literal).join(', ')}]`;
  const settings = [
    "TimeZone = 'UTC'",
    `allowed_directories = ${list([...folders, scratch])}`,
    `allowed_paths = ${list(files)}`,
    'allow_persistent_secrets = false',
    'allow_community_extensions = false',
    'enable_external_access = false',
    'lock_configuration = true',
  ];
  // `GLOBAL` is the default of all of these; later connections share them
  for (const setting of settings) await connection.run(`SET GLOBAL ${setting}`);
  connection.closeSync();
  return instance;
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
        if (error instanceof TooSlow) return err({ code: 'query-too-slow', source, limitMs: error.limitMs });
        return err(failureOf(source, reasonOf(error)));
      }
    });
    turn = mine;
    return mine;
  };
}

/** What DuckDB says about a file outside the places that it may read. */
const REFUSED = /^Permission Error: Cannot access (?:file|directory) "(.+)" - file system operations are disabled/;

function failureOf(source: string, reason: string): Failure {
  const path = REFUSED.exec(reason)?.[1];
  return path === undefined
    ? { code: 'data-unreadable', source, reason }
    : { code: 'data-outside-workspace', source, path };
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
