import { basename } from 'node:path';
import type { Failure } from '../domain/failure.js';
import type { SourceQuery } from '../domain/pipeline/remote-source.js';
import type { DatabaseRequest, OpenSource, Probe, SourceRows, SourceSpan } from '../domain/ports/sources.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { toIso } from '../domain/support/time.js';
import { type BoundValue, type Connection, createConnection, type Row, requireNumber } from './connection.js';
import { keptInParquet } from './parquet/kept-in-parquet.js';
import type { Places } from './places.js';
import { identifier, literal } from './quoted.js';
import { sqlFault } from './sql/user-sql.js';
import type { QueryLimits } from './stop-statement.js';

export interface DuckdbContext {
  readonly root: string;
  readonly places: Places;
  readonly scratch: () => string;
  readonly limits: QueryLimits;
}

/** A DuckDB database file, attached for reading only to a confined DuckDB of its own. Its query sees no more than other SQL does. */
export async function openDuckdb(
  { root, places, scratch, limits }: DuckdbContext,
  { dataset, source, path, query }: DatabaseRequest,
): Promise<Result<OpenSource, Failure>> {
  const name = `dataset "${dataset}"`;
  const { timeoutMs } = source;
  const fault = places.fault(path, name);
  if (fault !== undefined) return err(fault);
  const { limited: connection } = createConnection({
    root,
    places,
    scratch,
    limits: { ...limits, userSqlMs: timeoutMs },
  });
  const close = (): Promise<void> => Promise.resolve(connection[Symbol.asyncDispose]());
  const said = (failure: Failure): Failure =>
    failureOf(failure, { name, place: path, timeoutMs, signal: limits.signal });
  const attached = await attach(connection, path);
  if (!attached.ok) {
    await close();
    const reason = 'reason' in attached.error ? attached.error.reason : attached.error.code;
    return err({ code: 'source-unreachable', source: name, place: path, reason, isFile: true });
  }
  const sqlProblem = await sqlFault(connection, bind(query, NO_SPAN).text, 'query');
  if (sqlProblem !== undefined) {
    await close();
    return err({ code: 'source-query-refused', source: name, reason: sqlProblem });
  }
  const ask = async (sql: string, values: readonly BoundValue[]): Promise<Result<readonly Row[], Failure>> => {
    // A signal between two statements stops none of them.
    if (limits.signal?.aborted === true)
      return err({ code: 'source-broken-off', source: name, place: path, reason: 'interrupted' });
    const answer = await connection.bound(sql, name, values);
    return answer.ok ? answer : err(said(answer.error));
  };
  const probe = async (span: SourceSpan): Promise<Result<Probe, Failure>> => {
    const { text, values } = bind(query, span);
    const newest = source.updated === undefined ? '' : `, max(${identifier(source.updated)})::VARCHAR AS u`;
    const rows = await ask(`SELECT count(*)::DOUBLE AS n${newest} FROM (${text}\n) AS refit_rows`, values);
    if (!rows.ok) return rows;
    const [row] = rows.value;
    return ok({ rows: requireNumber(row?.n), updated: typeof row?.u === 'string' ? row.u : undefined });
  };
  return ok({
    place: path,
    probe,
    read: async (span, to) => {
      const probed = source.updated === undefined ? ok(undefined) : await probe(span);
      if (!probed.ok) return probed;
      const rows = await readRows(ask, bind(query, span), { to, name });
      return rows.ok ? ok({ ...rows.value, updated: probed.value?.updated }) : rows;
    },
    [Symbol.asyncDispose]: close,
  });
}

async function attach(connection: Connection, path: string): Promise<Result<unknown, Failure>> {
  const attached = await connection.query(
    `ATTACH ${literal(path)} AS refit_source (TYPE duckdb, READ_ONLY)`,
    basename(path),
  );
  return attached.ok ? connection.query('USE refit_source', basename(path)) : attached;
}

const NO_SPAN = { from: 0, until: 0 } as SourceSpan;

interface Statement {
  readonly text: string;
  readonly values: readonly BoundValue[];
}

function bind(query: SourceQuery, { from, until }: SourceSpan): Statement {
  const values: BoundValue[] = [];
  const text = query.map((part) => {
    if (typeof part === 'string') return part;
    values.push(part.bind === 'param' ? part.value : toIso(part.bind === 'window-from' ? from : until));
    return `$${values.length}`;
  });
  return { text: text.join('').replace(/[\s;]+$/, ''), values };
}

type Ask = (sql: string, values: readonly BoundValue[]) => Promise<Result<readonly Row[], Failure>>;

async function readRows(
  ask: Ask,
  { text, values }: Statement,
  { to, name }: { readonly to: string; readonly name: string },
): Promise<Result<SourceRows, Failure>> {
  const described = await ask(`DESCRIBE ${text}`, values);
  if (!described.ok) return described;
  const columns = described.value.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  const seen = new Set<string>();
  const twice = columns.find((column) => seen.size === seen.add(column.name.toLowerCase()).size);
  if (twice !== undefined)
    return err({ code: 'source-query-refused', source: name, reason: `it gives two columns called "${twice.name}"` });
  const select = keptInParquet(text, columns);
  const path = `${to}.parquet`;
  const copied = await ask(`COPY (${select}\n) TO ${literal(path)} (FORMAT parquet)`, values);
  return copied.ok ? ok({ table: { kind: 'file', path } }) : copied;
}

interface Where {
  readonly name: string;
  readonly place: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

function failureOf(failure: Failure, { name, place, timeoutMs, signal }: Where): Failure {
  if (failure.code === 'query-too-slow') return { code: 'source-timed-out', source: name, place, afterMs: timeoutMs };
  if (signal?.aborted === true) return { code: 'source-broken-off', source: name, place, reason: 'interrupted' };
  if (failure.code !== 'data-unreadable') return failure;
  return { code: 'source-query-refused', source: name, reason: failure.reason };
}
