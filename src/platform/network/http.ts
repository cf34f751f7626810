import { type Dispatcher, EnvHttpProxyAgent, fetch } from 'undici';
import type { Webhooks } from '../../domain/ports/platform.js';
import { decoded } from '../../domain/support/decoded.js';
import { LONGEST_TIMER_MS } from '../../domain/support/wait.js';

type Environment = Readonly<Record<string, string | undefined>>;
type Scheme = 'http' | 'https';

export type Client = (
  url: string,
  call: Parameters<Webhooks['ask']>[1],
  /** Whether anybody needs the answer's body. */
  isRead: boolean,
) => ReturnType<Webhooks['ask']>;

/** Answers of most servers that refit talks to are far shorter. */
const MOST_BYTES = 64 * 1024;

/** The answer is longer than anybody needs. */
class TooLong extends Error {}

type Body = { readonly cancel: () => Promise<void> } & AsyncIterable<Uint8Array>;

async function textUpTo(body: Body | null, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let seen = 0;
  // Leaving the loop by an error cancels the body.
  for await (const chunk of body ?? []) {
    seen += chunk.length;
    if (seen > mostBytes) throw new TooLong(`its answer is longer than ${mostBytes / 1024} KiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Lets go of a body that nobody reads: left alone it would keep its connection open. */
async function leave(body: Body | null): Promise<string> {
  await body?.cancel();
  return '';
}

/** The environment names a proxy that cannot be used. The message does not repeat its address, which may hold a password. */
class ProxyProblem extends Error {}

/**
 * Calls addresses through the proxies of this environment. Connections are kept for the next call; idle ones do not keep
 * the process alive. Problems are described without the address, which may hold a secret.
 */
export function createHttpClient(env: Environment): Client {
  const agentFor = agentsOf(env);
  return async (url, { timeoutMs, signal, mostBytes = MOST_BYTES, ...call }, isRead) => {
    try {
      return await withDeadline(timeoutMs, signal, async (ended) => {
        const dispatcher = agentFor(new URL(url).protocol === 'https:' ? 'https' : 'http');
        // A redirect could lead anywhere, with the body and its facts.
        const response = await fetch(url, { ...call, dispatcher, signal: ended, redirect: 'manual' });
        const { status, body } = response;
        if (status >= 300 && status < 400) {
          await body?.cancel();
          return { problem: `it answered ${status}, a redirect, which is not followed: write the final address` };
        }
        return { status, text: isRead ? await textUpTo(body, mostBytes) : await leave(body) };
      });
    } catch (error) {
      return { problem: problemOf(error, timeoutMs) };
    }
  };
}

/** The agent of a scheme, which keeps its connections for the next call. */
export function agentsOf(env: Environment): (scheme: Scheme) => Dispatcher {
  const agents = new Map<Scheme, Dispatcher>();
  return (scheme) => {
    const agent = agents.get(scheme) ?? createAgent(scheme, env);
    agents.set(scheme, agent);
    return agent;
  };
}

/**
 * Runs `work` until it ends, `timeoutMs` pass (its signal then aborts with a `TimeoutError`) or `signal` aborts.
 * `AbortSignal.timeout` is no substitute: Node 20 may garbage-collect one that is only held by `AbortSignal.any`, and then
 * it never fires.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (ended: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(signal.reason);
  const late = (): void => controller.abort(new DOMException('no answer in time', 'TimeoutError'));
  const timer = setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER_MS));
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  }
}

/**
 * The variables mean what they mean to curl: HTTPS_PROXY or HTTP_PROXY by the scheme of the address, else ALL_PROXY, in
 * either case, without what NO_PROXY lists. An http address is asked of the proxy itself, an https one through a tunnel.
 */
function createAgent(scheme: Scheme, env: Environment): Dispatcher {
  const read = (name: string): string => env[name.toLowerCase()] || env[name] || '';
  const proxy = proxyOf(read(`${scheme.toUpperCase()}_PROXY`) || read('ALL_PROXY'));
  // Both are given, also when there is none: the agent would take the one of the other scheme or of process.env.
  const uri = proxy?.href ?? '';
  return new EnvHttpProxyAgent({
    httpProxy: uri,
    httpsProxy: uri,
    noProxy: read('NO_PROXY'),
    proxyTunnel: false,
    // Each call has a deadline of its own; these would end a slow answer after five minutes.
    headersTimeout: 0,
    bodyTimeout: 0,
    token: proxy && credentialsOf(proxy),
  });
}

function proxyOf(named: string): URL | undefined {
  if (named === '') return undefined;
  // The agent leaves names to a SOCKS proxy in any case, which is what the h asks for.
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named.replace(/^socks5h:/i, 'socks5:') : `http://${named}`;
  if (!URL.canParse(address)) throw new ProxyProblem('the address of the proxy in the environment is not valid');
  const proxy = new URL(address);
  if (/^(https?|socks5?):$/.test(proxy.protocol)) return proxy;
  throw new ProxyProblem(`the proxy in the environment is neither an HTTP nor a SOCKS 5 proxy (${proxy.protocol})`);
}

/** Also for a user without a password, which the agent leaves out. */
function credentialsOf({ username, password }: URL): string | undefined {
  if (username === '') return undefined;
  const pair = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Why a call failed, in words without the address, which may hold a secret. */
export function problemOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'it could not be called';
  if (error instanceof ProxyProblem || error instanceof TooLong) return error.message;
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs} ms`;
  if (error.name === 'AbortError') return 'interrupted';
  const origin = firstCause(error);
  const refusal = /^Proxy response \((\d+)\)|^Proxy Authentication Required \((\d+)\)/.exec(origin.message);
  if (refusal !== null) return `it could not be reached (proxy answered ${refusal[1] ?? refusal[2]})`;
  const code = 'code' in origin ? String(origin.code) : error.name;
  return `it could not be reached (${code})`;
}

/** fetch wraps what happened, a refused tunnel even twice. */
const firstCause = (error: Error): Error => (error.cause instanceof Error ? firstCause(error.cause) : error);
