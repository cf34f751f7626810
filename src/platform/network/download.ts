import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fetch, type Response } from 'undici';
import type { Download, DownloadCall, Downloaded } from '../../domain/ports/sources.js';
import { decoded } from '../../domain/support/decoded.js';
import { agentsOf, problemOf, withDeadline } from './http.js';

const MOST_REDIRECTS = 5;
/** A file that was changed so shortly before it was sent may change again without another time. */
const SETTLED_MS = 2000;

class TooLarge extends Error {}
class BadRedirect extends Error {}

/** Fetches files through the proxies of this environment. */
export function createDownload(env: Readonly<Record<string, string | undefined>>): Download {
  const agentFor = agentsOf(env);
  return async (call) => {
    try {
      return await withDeadline(call.timeoutMs, call.signal, async (ended) => {
        const response = await follow(call, agentFor, ended);
        if (response.status === 304 && call.known !== undefined) {
          await response.body?.cancel();
          return { kind: 'unchanged' };
        }
        if (response.status !== 200) {
          await response.body?.cancel();
          return { kind: 'answered', status: response.status };
        }
        await save(response, call, ended);
        const version = versionOf(response);
        return { kind: 'fetched', ...(version === undefined ? {} : { version }) };
      });
    } catch (error) {
      await rm(call.path, { force: true });
      return failed(error, call);
    }
  };
}

function failed(error: unknown, { timeoutMs, signal }: DownloadCall): Downloaded {
  if (signal.aborted) return { kind: 'interrupted' };
  if (error instanceof TooLarge) return { kind: 'too-large' };
  if (error instanceof BadRedirect) return { kind: 'failed', reason: error.message };
  if (isTimeout(error)) return { kind: 'timed-out' };
  // What a disk refuses is no fault of the network.
  if (error instanceof Error && 'syscall' in error && (error.syscall === 'write' || error.syscall === 'open'))
    throw error;
  return { kind: 'failed', reason: problemOf(error, timeoutMs) };
}

/** A stream that is ended for another reason says so as its cause. */
const isTimeout = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || isTimeout(error.cause));

/** Follows redirects. The user and password of the URL go to its own host only, and never over a connection that is not encrypted. */
async function follow(
  { url, known }: DownloadCall,
  agentFor: ReturnType<typeof agentsOf>,
  signal: AbortSignal,
): Promise<Response> {
  const first = new URL(url);
  const login = loginOf(first);
  let at = withoutLogin(first);
  for (let left = MOST_REDIRECTS; ; left--) {
    const response = await fetch(at, {
      dispatcher: agentFor(at.protocol === 'https:' ? 'https' : 'http'),
      signal,
      redirect: 'manual',
      headers: {
        'accept-encoding': 'identity',
        ...conditionOf(known),
        ...(login !== undefined && at.origin === first.origin ? { authorization: login } : {}),
      },
    });
    const target = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || target === null) return response;
    await response.body?.cancel();
    if (left === 0) throw new BadRedirect(`it leads on more than ${MOST_REDIRECTS} times`);
    at = nextPlace(target, at, first);
  }
}

function nextPlace(target: string, from: URL, first: URL): URL {
  if (!URL.canParse(target, from)) throw new BadRedirect('it leads on to an address that is none');
  const next = withoutLogin(new URL(target, from));
  if (next.protocol === 'https:' || (next.protocol === 'http:' && next.origin === first.origin)) return next;
  throw new BadRedirect(`it leads on to ${next.protocol}//${next.host}, which is not encrypted`);
}

function loginOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

function withoutLogin(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

/** A version is what a server says: `etag "…"`, or `last-modified …`. */
function conditionOf(known: string | undefined): Readonly<Record<string, string>> {
  const [, kind, value = ''] = /^(etag|last-modified) (.*)$/s.exec(known ?? '') ?? [];
  if (kind === undefined) return {};
  return kind === 'etag' ? { 'if-none-match': value } : { 'if-modified-since': value };
}

function versionOf({ headers }: Response): string | undefined {
  const etag = headers.get('etag');
  if (etag !== null && etag !== '') return `etag ${etag}`;
  const modified = headers.get('last-modified');
  const [at, sent] = [Date.parse(modified ?? ''), Date.parse(headers.get('date') ?? '')];
  return sent - at >= SETTLED_MS ? `last-modified ${modified}` : undefined;
}

async function save({ body }: Response, { path, mostBytes }: DownloadCall, signal: AbortSignal): Promise<void> {
  let seen = 0;
  async function* upTo(source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      seen += chunk.length;
      if (seen > mostBytes) throw new TooLarge();
      yield chunk;
    }
  }
  await pipeline(
    Readable.from(upTo((body ?? []) as AsyncIterable<Uint8Array>), { objectMode: false }),
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    { signal },
  );
}
