import pg from 'pg';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { bounded } from './bounded.js';
import { passwordOf } from './password-file.js';
import { failureOf } from './postgres-failures.js';
import { connectionsOf, mayTakeOther, type Tls } from './postgres-tls.js';
import type { PostgresTarget } from './postgres-url.js';
import type { Env } from './source-url.js';

/** How long a connection may take to be made. */
const CONNECT_MS = 10_000;
/** How long refit waits at its end for a server to accept a request to stop a query. */
const CANCEL_MS = 2000;

/** Every value comes as the text that PostgreSQL writes: no number passes through a double. */
export const AS_TEXT = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;

export type Wait = <T>(work: Promise<T>) => Promise<T>;

export interface Connected extends AsyncDisposable {
  readonly client: pg.Client;
  /**
   * Waits for an answer within the time limit of the source. On a timeout or an interruption the query is stopped on the
   * server too.
   */
  readonly wait: Wait;
}

interface Around {
  readonly name: string;
  readonly place: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** False for a URL in a pipeline file. Such a server gets no password from the user's environment. */
  readonly mayUsePasswords: boolean;
}

/** Connects. Tries each kind of connection that `sslmode` allows until the server accepts one. */
export async function connect(target: PostgresTarget, around: Around): Promise<Result<Connected, Failure>> {
  const { name, place, signal, timeoutMs } = around;
  const failure = (error: unknown): Failure =>
    failureOf(error, { source: name, place, stage: 'connect', timeoutMs, mode: target.tls.mode });
  const kinds = connectionsOf(target.tls, target.host);
  for (const [i, tls] of kinds.entries()) {
    const client = createClient(target, tls, around);
    // If the connection ends between two queries, the next query notices it.
    client.on('error', () => undefined);
    try {
      const drop = (): void => streamOf(client)?.destroy();
      await bounded(client.connect(), { ms: Math.min(CONNECT_MS, timeoutMs), signal, drop });
      return ok(connectedOf(client, tls, { signal, timeoutMs }));
    } catch (error) {
      streamOf(client)?.destroy();
      if (i === kinds.length - 1 || !mayTakeOther(error)) return err(failure(error));
    }
  }
  throw new Error('internal error: no kind of connection');
}

/** Sets every option. The client takes missing ones from environment variables, which could change what a query reads. */
function createClient(target: PostgresTarget, tls: Tls, { env, mayUsePasswords }: Around): pg.Client {
  const { host, port, user, database, application, options, isBound } = target;
  const password = (): string => {
    if (target.password !== undefined) return target.password;
    if (mayUsePasswords) return passwordOf(target, env);
    throw new Error('no password: PGPASSWORD and .pgpass are used only for a URL that comes from a variable');
  };
  const config: pg.ClientConfig & { readonly sslnegotiation: string; readonly enableChannelBinding: boolean } = {
    host,
    port,
    user,
    database,
    password,
    ssl: tls,
    application_name: application,
    client_encoding: 'UTF8',
    sslnegotiation: 'postgres',
    enableChannelBinding: isBound,
    types: AS_TEXT,
  };
  const client = new pg.Client(config);
  Object.assign((client as unknown as Inside).connectionParameters, { options, replication: undefined });
  return client;
}

function connectedOf(
  client: pg.Client,
  tls: Tls,
  { signal, timeoutMs }: Pick<Around, 'signal' | 'timeoutMs'>,
): Connected {
  let cancelled: Promise<void> | undefined;
  const drop = (): void => {
    cancelled = cancel(client, tls);
    streamOf(client)?.destroy();
  };
  return {
    client,
    wait: (work) => bounded(work, { ms: timeoutMs, signal, drop }),
    [Symbol.asyncDispose]: async () => {
      await cancelled;
      // Do not wait long for a server that does not answer: nothing was written.
      const left = (): void => streamOf(client)?.destroy();
      if (cancelled === undefined)
        await bounded(client.end(), { ms: CONNECT_MS, signal, drop: left }).catch(() => undefined);
    },
  };
}

/**
 * Asks the server, over a second connection, to stop the query of a client. Otherwise the query would continue after refit
 * is gone. Never fails, and never takes long.
 */
async function cancel(client: pg.Client, ssl: Tls): Promise<void> {
  const { processID, secretKey } = client as unknown as Inside;
  if (processID === null) return;
  const connection = new pg.Connection({ ssl } as pg.ConnectionConfig) as unknown as Canceller;
  const send = (): void => connection.cancel(processID, secretKey);
  const ended = new Promise<void>((done) => {
    connection.on('connect', ssl === false ? send : () => connection.requestSsl());
    connection.on('sslconnect', send);
    connection.on('error', () => done());
    // The server sends no answer. It closes this connection once it has signalled the other one.
    connection.on('end', () => done());
  });
  if (client.host.startsWith('/')) connection.connect(`${client.host}/.s.PGSQL.${client.port}`);
  else connection.connect(client.port, client.host);
  const never = new AbortController().signal;
  await bounded(ended, { ms: CANCEL_MS, signal: never, drop: () => undefined }).catch(() => undefined);
  connection.stream.destroy();
}

/** Parts of the client that are missing from its types. */
interface Inside {
  readonly connectionParameters: object;
  readonly processID: number | null;
  readonly secretKey: unknown;
  readonly connection?: { readonly stream?: { readonly destroy: () => void } };
}

interface Canceller {
  readonly stream: { readonly destroy: () => void };
  readonly on: (event: 'connect' | 'sslconnect' | 'error' | 'end', listener: () => void) => void;
  readonly connect: (port: number | string, host?: string) => void;
  readonly requestSsl: () => void;
  readonly cancel: (processId: number, secretKey: unknown) => void;
}

const streamOf = (client: pg.Client) => (client as unknown as Inside).connection?.stream;
