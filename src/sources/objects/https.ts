import { createHash } from 'node:crypto';
import type { Failure } from '../../domain/failure.js';
import type { ObjectPlace } from '../../domain/pipeline/remote-source.js';
import type { Download, Downloaded, ObjectsRequest, OpenObjects } from '../../domain/ports/sources.js';
import { baseName } from '../../domain/support/paths.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Env, readUrl } from '../source-url.js';
import { endingOf } from './ending.js';
import { MOST_OBJECT_BYTES, tooLarge } from './largest.js';

type Place = Extract<ObjectPlace, { kind: 'https' }>;

interface Context {
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly download: Download;
}

/** Hosts that http, which anybody on the way can read and change, may lead to: this machine. */
const IS_HERE = /^http:\/\/([^/@\s]*@)?(127\.0\.0\.1|localhost|\[::1\])([:/?]|$)/i;

/** One file of a web server. A URL from a variable may hold a secret anywhere: only its host is ever shown. */
export async function openHttps(
  { dataset, source }: ObjectsRequest,
  place: Place,
  { env, signal, download }: Context,
): Promise<Result<OpenObjects, Failure>> {
  const name = `dataset "${dataset}"`;
  const read = readUrl(name, place.url, env, /^https?:\/\//i);
  if (!read.ok) return read;
  const isWritten = typeof place.url === 'string';
  if (!/^https:/i.test(read.value) && !IS_HERE.test(read.value))
    return err({
      code: 'source-url-invalid',
      source: name,
      variable: typeof place.url === 'string' ? undefined : place.url.from,
      problem: 'not-encrypted',
    });
  const url = new URL(read.value);
  const file = baseName(url.pathname);
  const where = isWritten ? `${url.host}${url.pathname}` : url.host;
  const object = { name: isWritten && file !== '' ? file : `file-${markOf(url)}` };
  return ok({
    place: where,
    list: async () => ok([object]),
    read: async (_, known, to) => {
      const path = `${to}${endingOf(file, place.format)}`;
      const answer = await download({
        url: url.href,
        path,
        timeoutMs: source.timeoutMs,
        mostBytes: MOST_OBJECT_BYTES,
        signal,
        ...(known === undefined ? {} : { known }),
      });
      if (answer.kind === 'unchanged') return ok('unchanged');
      if (answer.kind !== 'fetched')
        return err(failureOf(answer, { source: name, place: where, timeoutMs: source.timeoutMs }));
      const { version } = answer;
      return ok({ ...(version === undefined ? {} : { version }), table: { kind: 'file', path } });
    },
    [Symbol.asyncDispose]: async () => undefined,
  });
}

/** Tells one address of a variable from the next one: what is known of a file says nothing about another file. */
const markOf = ({ pathname, search }: URL): string =>
  createHash('sha256').update(`${pathname}${search}`).digest('hex').slice(0, 12);

interface Where {
  readonly source: string;
  readonly place: string;
  readonly timeoutMs: number;
}

function failureOf(
  answer: Exclude<Downloaded, { kind: 'fetched' | 'unchanged' }>,
  { source, place, timeoutMs }: Where,
): Failure {
  switch (answer.kind) {
    case 'timed-out':
      return { code: 'source-timed-out', source, place, afterMs: timeoutMs };
    case 'interrupted':
      return { code: 'source-broken-off', source, place, reason: 'interrupted' };
    case 'too-large':
      return { code: 'source-broken-off', source, place, reason: tooLarge };
    case 'failed':
      return { code: 'source-unreachable', source, place, reason: answer.reason };
    case 'answered':
      return refused(answer.status, { source, place });
  }
}

function refused(status: number, { source, place }: Pick<Where, 'source' | 'place'>): Failure {
  const reason = `it answered ${status}`;
  if (status === 401) return { code: 'source-login-refused', source, place, reason };
  if (status === 403) return { code: 'source-permission-denied', source, place, reason };
  if (status === 404 || status === 410)
    return { code: 'source-query-refused', source, reason: `${place} answered ${status}: there is no such file` };
  return { code: 'source-unreachable', source, place, reason };
}
