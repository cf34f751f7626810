import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';

export interface ProxiedCall {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an address, as curl reads it: HTTPS_PROXY or HTTP_PROXY by the address' scheme, else
 * ALL_PROXY, in either case, without what NO_PROXY lists. Node's own `fetch` heeds none of them before Node 24.
 */
export function proxyFor(target: URL, env: Environment): URL | undefined {
  const read = (name: string): string | undefined => env[name.toLowerCase()] || env[name] || undefined;
  const named = read(target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? read('ALL_PROXY');
  if (named === undefined || isLeftOut(target, read('NO_PROXY') ?? '')) return undefined;
  const proxy = parsed(/^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`);
  // a socks proxy speaks another language: the call is tried without one, and says where it fails
  return proxy !== undefined && /^https?:$/.test(proxy.protocol) ? proxy : undefined;
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** `example.org` stands for itself and what lies below it, with or without a dot before; a port narrows it; `*` is everything. */
function isLeftOut({ hostname, port, protocol }: URL, list: string): boolean {
  const own = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return list
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .some((one) => {
      if (one === '*') return true;
      const [, name = one, only] = /^(.*?)(?::(\d+))?$/.exec(one) ?? [];
      const host = name.replace(/^\*?\./, '').toLowerCase();
      return (only === undefined || only === own) && (hostname === host || hostname.endsWith(`.${host}`));
    });
}

/** What the address answers: by a tunnel (CONNECT) for https, else by the proxy's own request. */
export async function callThroughProxy(target: URL, proxy: URL, call: ProxiedCall): Promise<Answer> {
  if (target.protocol === 'http:')
    return answerOf(
      requestOf(proxy)(proxy, {
        method: call.method,
        path: target.href,
        headers: { ...call.headers, host: target.host, ...credentials(proxy) },
        signal: call.signal,
        agent: false,
      }),
      call.body,
    );
  const socket = await openTunnel(target, proxy, call.signal);
  const request = https.request(target, {
    method: call.method,
    headers: call.headers,
    signal: call.signal,
    // without an agent: one would make a connection of its own
    createConnection: () => connect({ socket, servername: target.hostname, ALPNProtocols: ['http/1.1'] }),
  });
  try {
    return await answerOf(request, call.body);
  } finally {
    socket.destroy();
  }
}

const requestOf = ({ protocol }: URL): typeof http.request => (protocol === 'https:' ? https.request : http.request);

const credentials = ({ username, password }: URL): Readonly<Record<string, string>> =>
  username === ''
    ? {}
    : {
        'proxy-authorization': `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`,
      };

function openTunnel(target: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const place = `${target.hostname}:${target.port === '' ? '443' : target.port}`;
  return new Promise((resolve, reject) => {
    const request = requestOf(proxy)(proxy, {
      method: 'CONNECT',
      path: place,
      headers: { host: place, ...credentials(proxy) },
      signal,
      agent: false,
    });
    request.once('error', reject);
    const refuse = ({ statusCode }: IncomingMessage): void => {
      request.destroy();
      reject(Object.assign(new Error('the proxy refused'), { code: `proxy answered ${statusCode}` }));
    };
    // an answer that is not to CONNECT comes without a tunnel
    request.once('response', refuse);
    request.once('connect', (answer: IncomingMessage, socket: Socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      return refuse(answer);
    });
    request.end();
  });
}

function answerOf(request: ClientRequest, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.end(body);
  });
}
