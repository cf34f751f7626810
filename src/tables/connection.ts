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
import { type QueryLimits, type Stuck, TooSlow, untilStopped } from './stop-statement.js';

/** Memory for DuckDB. Larger tables and groupings spill to a temporary folder. */
const MEMORY_LIMIT = '1GiB';
const THREADS = 2;
/** DuckDB makes so many rows ahead. With its default of four chunks its threads and this one wait for each other at each chunk. */
const ROWS_AHEAD = '16MiB';

const require = createRequire(import.meta.url);

export type Row = Readonly<Record<string, unknown>>;

export type BoundValue = string | number | boolean | null;

/** Values of a column of doubles, some thousand rows of it. */
interface NumberChunk {
  /** NULL is NaN. */
  readonly values: Float64Array;
  /** With a NULL among them every NaN is one, and a NaN of the column is +infinity. Without one, NaN is a value of the column. */
  readonly hasNull: boolean;
}

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
  /** The same for one statement with `$1`, `$2` …: the values are bound, never part of its text. */
  readonly bound: (
    sql: string,
    source: string,
    values: readonly BoundValue[],
  ) => Promise<Result<readonly Row[], Failure>>;
  /** How many statements DuckDB's parser sees in a text, or what it says against it; nothing is run. */
  readonly countStatements: (text: string) => Promise<number | string>;
  /**
   * Columns of doubles, a few thousand rows at a time in the order of the files. `take` gets the values of each column;
   * only the first `rows` values count.
   */
  readonly numbers: (
    sql: string,
    source: string,
    take: (columns: readonly NumberChunk[], rows: number) => void,
    signal?: AbortSignal,
  ) => Promise<Result<void, Failure>>;
  /** By columns: for many rows. */
  readonly columns: (
    sql: string,
    source: string,
  ) => Promise<Result<Readonly<Record<string, readonly unknown[]>>, Failure>>;
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

/** Two views of one confined DuckDB. It is opened with the first query. Only SQL of a pipeline file is held to the limits. */
export function createConnection({ root, places, scratch, limits = {} }: ConnectionPlaces): Connections {
  const temporary: string[] = [];
  const folder = createFolder(root);
  const stuck: Stuck = {};
  const database = createDatabase({ places, scratch }, stuck);
  const inTurn = createTurns(database.connect);
  // Numbers come by a connection of their own: DuckDB answers queries while this thread counts.
  const inStream = createTurns(database.connect);
  const ask = <T>(
    sql: string,
    source: string,
    read: (reader: DuckDBResultReader) => T,
    { signal, ms, values }: Asked,
  ): Promise<Result<T, Failure>> =>
    inTurn(source, async (connection) => {
      signal?.throwIfAborted();
      folder.enter();
      return untilStopped(connection, { ...limits, ms, stuck }, async () =>
        read(await connection.runAndReadAll(sql, values === undefined ? undefined : [...values])),
      );
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
    bound: (sql, source, values) => ask(sql, source, (reader) => reader.getRowObjectsJS(), { ms, values }),
    numbers: (sql, source, take, signal) =>
      inStream(source, async (connection) => {
        signal?.throwIfAborted();
        folder.enter();
        await untilStopped(connection, { ...limits, ms, stuck }, async () =>
          readNumbers(await connection.stream(sql), take, signal),
        );
      }),
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

interface Asked {
  readonly signal?: AbortSignal | undefined;
  readonly ms: number | undefined;
  readonly values?: readonly BoundValue[];
}

/** The one place that opens DuckDB, at the first connection, and confines it. */
function createDatabase({ places, scratch }: Pick<ConnectionPlaces, 'places' | 'scratch'>, stuck: Stuck) {
  let spilled: string | undefined;
  let opened: Promise<Opened> | undefined;
  let given = 0;
  return {
    connect: async (): Promise<DuckDBConnection> => {
      spilled ??= join(scratch(), 'spill');
      opened ??= openConfined({ ...places.all(), scratch: scratch(), spilled });
      const connection = (await opened).connections[given++];
      if (connection === undefined) throw new Error('internal error: more connections than were opened');
      return connection;
    },
    /** Removes what was spilled. Without that nothing is closed: the end of the process frees memory sooner. */
    close: async (): Promise<void> => {
      if (stuck.error !== undefined || spilled === undefined || !existsSync(spilled)) return;
      const all = await opened;
      for (const connection of all?.connections ?? []) connection.closeSync();
      all?.instance.closeSync();
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

interface Opened {
  readonly instance: DuckDBInstance;
  /** One for queries and one for numbers. */
  readonly connections: readonly DuckDBConnection[];
}

/** No file outside of these places, no network, no extension, and no statement can change that. */
async function openConfined({ folders, files, scratch, spilled }: Confinement): Promise<Opened> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(THREADS),
    memory_limit: MEMORY_LIMIT,
    temp_directory: spilled,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connections = await Promise.all([instance.connect(), instance.connect()]);
  // This one setting is each connection's own, so it must be made before the settings are locked.
  for (const connection of connections) await connection.run(`SET streaming_buffer_size = '${ROWS_AHEAD}'`);
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
  // `GLOBAL` is the default of all of these: all connections share them.
  for (const setting of settings) await connections[0]?.run(`SET GLOBAL ${setting}`);
  return { instance, connections };
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
  take: (columns: readonly NumberChunk[], rows: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Loaded already by the API: `require` finds it there, `import` would search for it again.
  const bindings: VectorReader = require('@duckdb/node-bindings');
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

type VectorReader = Pick<typeof Bindings, 'data_chunk_get_vector' | 'vector_get_data' | 'vector_get_validity'>;

/** A copy of the vector's memory. Asking the API for each value would cost more than all further work on them. */
function valuesOf(
  bindings: VectorReader,
  { chunk }: DuckDBDataChunk,
  { column, rows }: { readonly column: number; readonly rows: number },
): NumberChunk {
  const vector = bindings.data_chunk_get_vector(chunk, column);
  const { buffer, byteOffset } = bindings.vector_get_data(vector, rows * Float64Array.BYTES_PER_ELEMENT);
  const values = new Float64Array(buffer, byteOffset, rows);
  // A bit for each row, in whole words of 64; absent where no row is NULL.
  const present: Uint8Array | null = bindings.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
  return { values, hasNull: present !== null && markNulls(values, present) };
}

/** Writes NaN where a row is NULL, and +infinity where it is NaN; whether there is a NULL. */
function markNulls(values: Float64Array, present: Uint8Array): boolean {
  const isPresent = (row: number): boolean => (((present[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
  if (values.every((_, row) => isPresent(row))) return false;
  for (let row = 0; row < values.length; row++) {
    if (!isPresent(row)) values[row] = Number.NaN;
    else if (Number.isNaN(values[row])) values[row] = Number.POSITIVE_INFINITY;
  }
  return true;
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

/** The number that a query gave. Another value, or NULL, is a bug. */
export const requireNumber = (value: unknown): number => {
  const number = numberOf(value);
  if (number === undefined) throw new Error(`internal error: DuckDB gave no number: ${String(value)}`);
  return number;
};
