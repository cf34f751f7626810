import pg from 'pg';
import Cursor from 'pg-cursor';
import type { Failure } from '../domain/failure.js';
import type { SourcePlace } from '../domain/pipeline/remote-source.js';
import type { OpenSource, Probe, SourceRequest, SourceRows, SourceSpan } from '../domain/ports/sources.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { bindQuery, probeText, type Statement, sharedName } from './bound-query.js';
import { bounded } from './bounded.js';
import { unfitQuery } from './one-query.js';
import { failureOf } from './postgres-failures.js';
import { columnOf, isBytea, isForged, isNumeric, type PostgresField, unfitNumeric } from './postgres-types.js';
import { openRowWriter, type TextValue } from './row-text.js';
import { type Env, readUrl } from './source-url.js';
import { problemOfFiles } from './url-files.js';

type Place = Extract<SourcePlace, { kind: 'postgres' }>;

/** How long a connection may take to be made. */
const CONNECT_MS = 10_000;
/** Rows that are in memory at a time, fewer where they are large. */
const MOST_ROWS = 1000;
const FIRST_ROWS = 8;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Every value comes as the text that PostgreSQL writes: no number passes through a double. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;

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

/** A transaction that only reads, on one connection: all windows show the same moment. */
export async function openPostgres(
  { dataset, source }: SourceRequest,
  { query, url: address }: Place,
  { env, signal }: SourceContext,
): Promise<Result<OpenSource, Failure>> {
  const name = `dataset "${dataset}"`;
  const url = readUrl(name, address, env, /^postgres(ql)?:\/\//i);
  if (!url.ok) return url;
  const problem = problemOfFiles(url.value, { isWritten: typeof address === 'string' });
  if (problem !== undefined) {
    const variable = typeof address === 'string' ? undefined : address.from;
    return err({ code: 'source-url-invalid', source: name, variable, problem });
  }
  const bind = (span: SourceSpan): Statement => bindQuery(query, span, { mark: (n) => `$${n}` });
  const unfit = unfitQuery(bind({ from: 0, until: 0 } as SourceSpan).text);
  if (unfit !== undefined) return err({ code: 'source-query-refused', source: name, reason: unfit });
  let client: pg.Client;
  try {
    client = new pg.Client({ connectionString: url.value, application_name: 'refit', types: AS_TEXT });
  } catch {
    // The error would show the URL.
    return err({ code: 'source-url-invalid', source: name, variable: undefined, problem: 'malformed' });
  }
  // A pipeline file may name any server: it gets no password of the user's surroundings.
  if (typeof address === 'string') (client as { password?: unknown }).password = refusePassword;
  const place = `${client.host}:${client.port}/${client.database ?? ''}`;
  const { timeoutMs } = source;
  // A connection that ends between two queries is noticed by the next one.
  client.on('error', () => undefined);
  const drop = (): void => streamOf(client)?.destroy();
  const wait = <T>(work: Promise<T>, ms = timeoutMs): Promise<T> => bounded(work, { ms, signal, drop });
  const attempt = async <T>(stage: 'connect' | 'read', work: () => Promise<Result<T, Failure>>) => {
    try {
      return await work();
    } catch (error) {
      return err(failureOf(error, { source: name, place, stage, timeoutMs }));
    }
  };
  const opened = await attempt('connect', async () => {
    await wait(client.connect(), Math.min(CONNECT_MS, timeoutMs));
    await wait(client.query('begin isolation level repeatable read read only'));
    await wait(client.query(`set local statement_timeout = ${Math.round(timeoutMs)}`));
    for (const setting of SETTINGS) await wait(client.query(setting));
    return ok(await versionOf(client, wait));
  });
  if (!opened.ok) {
    drop();
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
    [Symbol.asyncDispose]: async () => {
      // A server that does not answer is left alone after a moment: nothing was written.
      await wait(client.end(), CONNECT_MS).catch(() => undefined);
    },
  });
}

const refusePassword = (): never => {
  throw new Error('no password: PGPASSWORD and .pgpass are used only for a URL that comes from a variable');
};

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

type Wait = <T>(work: Promise<T>, ms?: number) => Promise<T>;

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
  const first = await wait(cursor.read(FIRST_ROWS));
  const fields = fieldsOf(cursor);
  const twice = sharedName(fields.map((field) => field.name));
  if (twice !== undefined || fields.length === 0) {
    await wait(cursor.close());
    const reason = twice === undefined ? 'it gives no columns' : `it gives two columns called "${twice}"`;
    return err({ code: 'source-query-refused', source: name, reason });
  }
  const forged = fields.find(isForged);
  if (forged !== undefined) throw new Error(`it gives the column "${forged.name}" a numeric type that does not exist`);
  const writer = openRowWriter(to);
  let count = FIRST_ROWS;
  try {
    for (let rows = first as (string | null)[][]; rows.length > 0; rows = await wait(cursor.read(count))) {
      count = nextCount(rows, count);
      const unfit = prepareRows(rows, fields);
      if (unfit !== undefined) {
        await wait(cursor.close());
        return err({ code: 'source-value-unfit', source: name, ...unfit });
      }
      writer.write(rows);
    }
  } finally {
    writer.close();
  }
  return ok({ table: { kind: 'text', columns: fields.map(columnOf), rows: writer.rows() } });
}

/** How many rows are asked for after these: as many as fit if all are like the largest of them. */
function nextCount(rows: readonly (readonly TextValue[])[], count: number): number {
  let largest = 1;
  for (const row of rows) {
    let length = 0;
    for (const value of row) length += value?.length ?? 0;
    if (length > largest) largest = length;
  }
  return Math.max(1, Math.min(MOST_ROWS, 4 * count, Math.floor(BATCH_BYTES / largest)));
}

/** Checks numbers and takes the mark off bytes, in place. */
function prepareRows(rows: (string | null)[][], fields: readonly PostgresField[]) {
  for (const [i, field] of fields.entries()) {
    const isFree = field.dataTypeModifier < 0;
    if (isNumeric(field))
      for (const row of rows) {
        const value = row[i] as TextValue;
        const reason = value === null ? undefined : unfitNumeric(value, isFree);
        if (reason !== undefined)
          return { column: field.name, reason, next: `${field.name}::numeric(30, 12), or ::float8` };
      }
    // `\x0a1b`
    if (isBytea(field)) for (const row of rows) row[i] = row[i]?.slice(2) ?? null;
  }
  return undefined;
}

/** The columns of a cursor's result, also of one without rows. */
const fieldsOf = (cursor: Cursor): readonly PostgresField[] =>
  (cursor as unknown as { readonly _result: { readonly fields: readonly PostgresField[] } })._result.fields;

const streamOf = (client: pg.Client): { destroy: () => void } | undefined =>
  (client as unknown as { readonly connection?: { readonly stream?: { destroy: () => void } } }).connection?.stream;
