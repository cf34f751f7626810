import type { Failure } from '../../domain/failure.js';
import type { SourcePlace } from '../../domain/pipeline/remote-source.js';
import type { OpenSource, Probe, SourceRequest, SourceSpan } from '../../domain/ports/sources.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Instant, toIso } from '../../domain/support/time.js';
import { bindQuery, probeText, type Statement } from '../bound-query.js';
import { bounded } from '../bounded.js';
import { whileMoving } from '../progress.js';
import { type Env, readUrl } from '../source-url.js';
import { failureOf } from './failures.js';
import { unfitMysqlQuery } from './one-query.js';
import { readRows } from './read-rows.js';
import { ask, begin, type Connection, connect, prepare, type Session } from './session.js';
import { type MysqlAddress, readAddress } from './url.js';

type Place = Extract<SourcePlace, { kind: 'mysql' }>;

/** How long a connection may take to be made. */
const CONNECT_MS = 10_000;
/** How long refit waits for the server to end an abandoned query. */
const KILL_MS = 3000;

interface Context {
  readonly env: Env;
  readonly signal: AbortSignal;
}

/** A read-only transaction of MySQL or MariaDB on one connection, so that all windows show the same moment. */
export async function openMysql(
  { dataset, source }: SourceRequest,
  { query, url: address }: Place,
  { env, signal }: Context,
): Promise<Result<OpenSource, Failure>> {
  const name = `dataset "${dataset}"`;
  const url = readUrl(name, address, env, /^(mysql|mariadb):\/\//i);
  if (!url.ok) return url;
  const isWritten = typeof address === 'string';
  const read = readAddress(url.value, { isWritten });
  if (typeof read === 'string')
    return err({
      code: 'source-url-invalid',
      source: name,
      variable: isWritten ? undefined : address.from,
      problem: read,
    });
  const bind = (span: SourceSpan): Statement => bindQuery(query, span, { mark: () => '?', time: inUtc });
  const tried = bind({ from: 0, until: 0 } as SourceSpan);
  const unfit = unfitMysqlQuery(tried.text, tried.values.length);
  if (unfit !== undefined) return err({ code: 'source-query-refused', source: name, reason: unfit });
  const { timeoutMs } = source;
  const { place } = read;
  const attempt = async <T>(stage: 'connect' | 'read', work: () => Promise<Result<T, Failure>>) => {
    try {
      return await work();
    } catch (error) {
      return err(failureOf(error, { source: name, place, stage, timeoutMs }));
    }
  };
  const link = createLink(read);
  const limits = { signal, drop: link.drop };
  const wait = <T>(work: Promise<T>, ms = timeoutMs): Promise<T> => bounded(work, { ...limits, ms });
  const opened = await attempt('connect', async () => {
    const ms = Math.min(CONNECT_MS, timeoutMs);
    const session = await wait(connect(read, { ms, opened: link.opened }), ms);
    return ok({ session, version: await wait(begin(session, timeoutMs)) });
  });
  if (!opened.ok) {
    await link.close();
    return opened;
  }
  const { session, version } = opened.value;
  const probe = (span: SourceSpan): Promise<Result<Probe, Failure>> =>
    attempt('read', async () => ok(await wait(probeRows(session, bind(span), source.updated))));
  return ok({
    place,
    probe,
    read: async (span, to) => {
      const probed = source.updated === undefined ? ok(undefined) : await probe(span);
      if (!probed.ok) return probed;
      const rows = await attempt('read', () =>
        whileMoving((moved) => readRows(session, bind(span), { to, name, moved }), { ...limits, ms: timeoutMs }),
      );
      return rows.ok ? ok({ ...rows.value, version, updated: probed.value?.updated }) : rows;
    },
    [Symbol.asyncDispose]: link.close,
  });
}

/** Times as MySQL compares them with its own; the session is in UTC. */
const inUtc = (at: Instant): string => toIso(at).replace('T', ' ').replace('Z', '');

/** Counts rows in the same transaction. */
async function probeRows(session: Session, { text, values }: Statement, updated: string | undefined): Promise<Probe> {
  const column = updated === undefined ? undefined : `\`${updated.replaceAll('`', '``')}\``;
  const statement = await prepare(session, probeText(text, column, 'cast(max(?) as char)'));
  const rows = new Promise<readonly unknown[] | undefined>((done, fail) =>
    statement.execute([...values], (error: Error | null, found: unknown) =>
      error ? fail(error) : done((found as readonly (readonly unknown[])[])[0]),
    ),
  );
  const [n, u] = (await Promise.race([session.lost, rows])) ?? [];
  return { rows: Number(n ?? 0), updated: u === null || u === undefined ? undefined : String(u) };
}

/** The current connection, and how to end it. */
function createLink(address: MysqlAddress) {
  let current: Connection | undefined;
  let killed: Promise<void> | undefined;
  return {
    opened: (connection: Connection) => {
      current = connection;
    },
    /** Tells the server to end the query. On its own it would not notice before its next write that the client is gone. */
    drop: (): void => {
      const id = current?.threadId ?? undefined;
      current?.destroy();
      killed ??= id === undefined ? undefined : killQuery(address, id);
    },
    close: async (): Promise<void> => {
      await killed;
      // Do not wait for a server that does not answer: nothing was written.
      current?.destroy();
    },
  };
}

async function killQuery(address: MysqlAddress, id: number): Promise<void> {
  let second: Connection | undefined;
  const opened = (connection: Connection): void => {
    second = connection;
  };
  const work = async (): Promise<void> => {
    const session = await connect(address, { ms: KILL_MS, opened });
    await ask(session, `kill query ${Math.trunc(id)}`);
  };
  const drop = (): void => second?.destroy();
  // The query may have ended already. If the network is gone, the server's statement limit ends it.
  await bounded(work(), { ms: KILL_MS, signal: new AbortController().signal, drop }).catch(() => undefined);
  second?.destroy();
}
