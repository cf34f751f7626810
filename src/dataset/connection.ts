import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as DuckDB from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBInstance, DuckDBResultReader } from '@duckdb/node-api';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/result.js';

/** What DuckDB may hold; a larger table or grouping goes to a temporary folder, which DuckDB makes and removes. */
const MEMORY_LIMIT = '1GiB';
const THREADS = 2;

export type Row = Readonly<Record<string, unknown>>;

/** An in-memory DuckDB, opened on first use: loading it costs more than most commands. */
export interface Connection extends AsyncDisposable {
  /** `source`: what a failure names. Values are JavaScript's: BIGINT is a bigint, TIMESTAMP a Date. */
  readonly query: (sql: string, source: string) => Promise<Result<readonly Row[], Failure>>;
  /** The same on one thread: rows come in the order of the files, so a seeded sample draws the same ones each time. */
  readonly inOrder: (sql: string, source: string) => Promise<Result<readonly Row[], Failure>>;
  /** By columns, on one thread: for many rows. */
  readonly columns: (
    sql: string,
    source: string,
  ) => Promise<Result<Readonly<Record<string, readonly unknown[]>>, Failure>>;
}

/** `root`: where relative paths in SQL count from. */
export function createConnection(root: string): Connection {
  let opened: Promise<{ readonly instance: DuckDBInstance; readonly connection: DuckDBConnection }> | undefined;
  const open = async () => {
    // required, not imported: Node would look through all of its files for what they export, 0.2 s of every command with data
    const { DuckDBInstance }: typeof DuckDB = createRequire(import.meta.url)('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(THREADS),
      memory_limit: MEMORY_LIMIT,
      temp_directory: join(tmpdir(), `refit-duckdb-${randomUUID()}`),
    });
    const connection = await instance.connect();
    // local only: nothing is downloaded while a query runs
    await connection.run("SET TimeZone = 'UTC'; SET autoinstall_known_extensions = false;");
    await connection.run(`SET file_search_path = '${root.replaceAll("'", "''")}'`);
    return { instance, connection };
  };
  // one at a time: a second query on a connection would end the first one's result
  let turn: Promise<unknown> = Promise.resolve();
  const ask = <T>(
    sql: string,
    source: string,
    read: (reader: DuckDBResultReader) => T,
    threads = THREADS,
  ): Promise<Result<T, Failure>> => {
    const mine = turn.then(async (): Promise<Result<T, Failure>> => {
      opened ??= open();
      const { connection } = await opened;
      try {
        if (threads !== THREADS) await connection.run(`SET threads = ${threads}`);
        return ok(read(await connection.runAndReadAll(sql)));
      } catch (error) {
        const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
        return err({ code: 'data-unreadable', source, reason });
      } finally {
        if (threads !== THREADS) await connection.run(`SET threads = ${THREADS}`);
      }
    });
    turn = mine;
    return mine;
  };
  return {
    query: (sql, source) => ask(sql, source, (reader) => reader.getRowObjectsJS()),
    inOrder: (sql, source) => ask(sql, source, (reader) => reader.getRowObjectsJS(), 1),
    columns: (sql, source) => ask(sql, source, (reader) => reader.getColumnsObjectJS(), 1),
    [Symbol.asyncDispose]: async () => {
      if (opened === undefined) return;
      const { instance, connection } = await opened;
      connection.closeSync();
      instance.closeSync();
    },
  };
}

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
