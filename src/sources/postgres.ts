import pg from 'pg';
import Cursor from 'pg-cursor';
import type { Failure } from '../domain/failure.js';
import type { SourcePlace } from '../domain/pipeline/remote-source.js';
import type { OpenSource, Probe, SourceRequest, SourceRows, SourceSpan } from '../domain/ports/sources.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { bindQuery, probeText, type Statement, sharedName } from './bound-query.js';
import { unfitQuery } from './one-query.js';
import { AS_TEXT, connect, type Wait } from './postgres-connect.js';
import { failureOf } from './postgres-failures.js';
import { filesOf } from './postgres-tls.js';
import { columnOf, isBytea, isForged, isNumeric, type PostgresField, unfitNumeric } from './postgres-types.js';
import { type PostgresTarget, readTarget, type UrlProblem } from './postgres-url.js';
import { openRowWriter, type RowWriter, type TextValue } from './row-text.js';
import { type Env, readUrl } from './source-url.js';
import { problemOfFiles } from './url-files.js';

type Place = Extract<SourcePlace, { kind: 'postgres' }>;

/** Rows that are asked for at a time. Each is written when it arrives, so their number bounds no memory. */
const MOST_ROWS = 1000;

/** Values are written in one form, whatever the settings of the server or the user. */
const SETTINGS = [
  // A backslash in a text quotes nothing: texts end where refit sees their end.
  'set local standard_conforming_strings = on',
  "set local timezone = 'UTC'",
  "set local datestyle = 'ISO, YMD'",
  "set local intervalstyle = 'iso_8601'",
  "set local bytea_output = 'hex'",
  'set local extra_float_digits = 3',
];

export interface SourceContext {
  readonly env: Env;
  readonly signal: AbortSignal;
}

/** A read-only transaction on one connection, so that all windows show the same moment. */
export async function openPostgres(
  { dataset, source }: SourceRequest,
  { query, url: address }: Place,
  { env, signal }: SourceContext,
): Promise<Result<OpenSource, Failure>> {
  const name = `dataset "${dataset}"`;
  const url = readUrl(name, address, env, /^postgres(ql)?:\/\//i);
  if (!url.ok) return url;
  const isWritten = typeof address === 'string';
  const target = targetOf(url.value, isWritten, env);
  if (typeof target === 'string')
    return err({
      code: 'source-url-invalid',
      source: name,
      variable: isWritten ? undefined : address.from,
      problem: target,
    });
  const bind = (span: SourceSpan): Statement => bindQuery(query, span, { mark: (n) => `$${n}` });
  const unfit = unfitQuery(bind({ from: 0, until: 0 } as SourceSpan).text);
  if (unfit !== undefined) return err({ code: 'source-query-refused', source: name, reason: unfit });
  const place = `${target.host}:${target.port}/${target.database}`;
  const { timeoutMs } = source;
  const connected = await connect(target, { name, place, env, signal, timeoutMs, mayUsePasswords: !isWritten });
  if (!connected.ok) return connected;
  const { client, wait } = connected.value;
  const attempt = async <T>(stage: 'connect' | 'read', work: () => Promise<Result<T, Failure>>) => {
    try {
      return await work();
    } catch (error) {
      return err(failureOf(error, { source: name, place, stage, timeoutMs }));
    }
  };
  const opened = await attempt('connect', async () => {
    await wait(client.query('begin isolation level repeatable read read only'));
    await wait(client.query(`set local statement_timeout = ${Math.round(timeoutMs)}`));
    for (const setting of SETTINGS) await wait(client.query(setting));
    return ok(await versionOf(client, wait));
  });
  if (!opened.ok) {
    await connected.value[Symbol.asyncDispose]();
    return opened;
  }
  const probe = (span: SourceSpan): Promise<Result<Probe, Failure>> =>
    attempt('read', async () => {
      const { text, values } = bind(span);
      const updated = source.updated === undefined ? undefined : client.escapeIdentifier(source.updated);
      const asked = probeText(text, updated, 'max(?)::text');
      const row = await wait(askOne<{ n: string; u?: string | null }>(client, asked, values));
      return ok({ rows: Number(row?.n ?? 0), updated: row?.u ?? undefined });
    });
  return ok({
    place,
    probe,
    read: async (span, to) => {
      const probed = source.updated === undefined ? ok(undefined) : await probe(span);
      if (!probed.ok) return probed;
      const rows = await attempt('read', () => readRows(client, bind(span), { to, wait, name }));
      return rows.ok ? ok({ ...rows.value, version: opened.value, updated: probed.value?.updated }) : rows;
    },
    [Symbol.asyncDispose]: () => connected.value[Symbol.asyncDispose](),
  });
}

/** Where a URL leads, or what is wrong with it. */
function targetOf(url: string, isWritten: boolean, env: Env): PostgresTarget | UrlProblem {
  const target = readTarget(url, isWritten ? undefined : env);
  return typeof target === 'string' ? target : (problemOfFiles(filesOf(target.tls), { isWritten }) ?? target);
}

/**
 * The first row of one statement. Only the extended protocol refuses a text of several statements: the client would use the other
 * one where there are no values.
 */
async function askOne<T extends pg.QueryResultRow>(client: pg.Client, text: string, values: Statement['values'] = []) {
  const asked: pg.QueryConfig & { readonly queryMode: 'extended' } = {
    text,
    values: [...values],
    queryMode: 'extended',
  };
  const answer = (await client.query<T>(asked)) as pg.QueryResult<T> | readonly pg.QueryResult<T>[];
  if (!('rows' in answer)) throw new Error('the server gave several results for one statement');
  return answer.rows[0];
}

/** Snapshot of transactions and position in the log. Servers that only speak like PostgreSQL may have neither. */
async function versionOf(client: pg.Client, wait: Wait): Promise<string | undefined> {
  const ask = async (sql: string): Promise<string | undefined> => {
    await wait(client.query('savepoint refit'));
    try {
      return (await wait(askOne<{ v: string | null }>(client, sql)))?.v ?? undefined;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      await wait(client.query('rollback to savepoint refit'));
      return undefined;
    }
  };
  const snapshot = await ask('select txid_current_snapshot()::text as v');
  const lsn = await ask(
    'select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end::text as v',
  );
  // Where the server can: it looks whether this end is still there, and stops the query where it was killed.
  await ask("select set_config('client_connection_check_interval', '10s', true) as v");
  const parts = [
    ...(snapshot === undefined ? [] : [`snapshot ${snapshot}`]),
    ...(lsn === undefined ? [] : [`lsn ${lsn}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' ');
}

async function readRows(
  client: pg.Client,
  { text, values }: Statement,
  { to, wait, name }: { readonly to: string; readonly wait: Wait; readonly name: string },
): Promise<Result<SourceRows, Failure>> {
  const cursor = client.query(new Cursor(text, [...values], { rowMode: 'array', types: AS_TEXT }));
  const writer = openRowWriter(to);
  const rows = writeRows(cursor, writer);
  try {
    for (let isFirst = true, count = 1; count > 0; isFirst = false) {
      count = (await wait(cursor.read(MOST_ROWS))).length;
      const problem = (isFirst ? fieldsProblem(fieldsOf(cursor), name) : undefined) ?? rows.problem();
      if (problem === undefined) continue;
      await wait(cursor.close());
      return err('code' in problem ? problem : { code: 'source-value-unfit', source: name, ...problem });
    }
  } finally {
    writer.close();
  }
  return ok({
    table: { kind: 'text', columns: fieldsOf(cursor).map(columnOf), rows: writer.rows(), ...writer.sizes() },
  });
}

function fieldsProblem(fields: readonly PostgresField[], source: string): Failure | undefined {
  const twice = sharedName(fields.map((field) => field.name));
  if (twice !== undefined || fields.length === 0) {
    const reason = twice === undefined ? 'it gives no columns' : `it gives two columns called "${twice}"`;
    return { code: 'source-query-refused', source, reason };
  }
  const forged = fields.find(isForged);
  if (forged !== undefined) throw new Error(`it gives the column "${forged.name}" a numeric type that does not exist`);
  return undefined;
}

/** Writes each row when it arrives, and keeps it out of the batch that the cursor collects. */
function writeRows(cursor: Cursor, writer: RowWriter) {
  let unfit: UnfitValue | undefined;
  let failed: unknown;
  cursor.on('row', (row: TextValue[], { fields }: { readonly fields: readonly PostgresField[] }) => {
    try {
      unfit ??= prepareRow(row, fields);
      if (unfit === undefined && failed === undefined) writer.write([row]);
    } catch (error) {
      // An error thrown here would end the process, so it is passed to the code that waits for the batch.
      failed ??= error;
    }
    row.length = 0;
  });
  return {
    problem: (): UnfitValue | undefined => {
      if (failed !== undefined) throw failed;
      return unfit;
    },
  };
}

interface UnfitValue {
  readonly column: string;
  readonly reason: string;
  readonly next: string;
}

/** Checks numbers and takes the mark off bytes, in place. */
function prepareRow(row: TextValue[], fields: readonly PostgresField[]): UnfitValue | undefined {
  for (const [i, field] of fields.entries()) {
    const value = row[i] ?? null;
    if (value === null) continue;
    // `\x0a1b`
    if (isBytea(field)) row[i] = value.slice(2);
    const reason = isNumeric(field) ? unfitNumeric(value, field.dataTypeModifier < 0) : undefined;
    if (reason !== undefined)
      return { column: field.name, reason, next: `${field.name}::numeric(30, 12), or ::float8` };
  }
  return undefined;
}

/** The columns of a cursor's result, also of one without rows. */
const fieldsOf = (cursor: Cursor): readonly PostgresField[] =>
  (cursor as unknown as { readonly _result: { readonly fields: readonly PostgresField[] } })._result.fields;
