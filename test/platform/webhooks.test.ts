import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createWebhooks } from '../../src/platform/webhooks.js';
import { createReceiver } from '../support/receiver.js';

const never = new AbortController().signal;
const call = (signal: AbortSignal = never, timeoutMs = 10_000) => ({
  method: 'GET' as const,
  headers: {},
  timeoutMs,
  signal,
});

async function listening(server: Server | ReturnType<typeof createTcpServer>) {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** A proxy that remembers what it was asked and refuses everything. */
async function createProxy() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    response.writeHead(407).end();
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    socket.end('HTTP/1.1 407 No\r\n\r\n');
  });
  const port = await listening(server);
  return {
    asked,
    place: `127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A SOCKS 5 proxy without a password that leads every name to one port of this machine. */
async function createSocksProxy(to: number) {
  const names: string[] = [];
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request) => {
        names.push(request.subarray(5, 5 + (request[4] ?? 0)).toString());
        const through = connect(to, '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          socket.pipe(through).pipe(socket);
        });
        open.add(through);
        through.on('error', () => socket.destroy());
      });
    });
  });
  const port = await listening(server);
  return {
    names,
    place: `127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

/** How a proxy was asked for an address; nothing when it was not asked. */
async function askedFor(address: string, envOf: (place: string) => Readonly<Record<string, string>>) {
  using proxy = await createProxy();
  // names below .invalid never resolve: without a proxy the call fails at once
  const problem = await createWebhooks(() => envOf(proxy.place)).call(address, call());
  expect(problem).toMatch(proxy.asked.length === 0 ? /^it could not be reached \((?!proxy)/ : /407/);
  return proxy.asked.join(', ');
}

it.each<[string, string, (place: string) => Record<string, string>, string]>([
  ['none without a variable', 'http://a.invalid/x', () => ({}), ''],
  ['by the scheme', 'http://a.invalid/x', (at) => ({ HTTP_PROXY: `http://${at}` }), 'GET http://a.invalid/x'],
  ['in lower case', 'https://a.invalid/x', (at) => ({ https_proxy: `http://${at}` }), 'CONNECT a.invalid:443'],
  ['without a scheme of its own', 'https://a.invalid/x', (at) => ({ HTTPS_PROXY: at }), 'CONNECT a.invalid:443'],
  ['never that of the other scheme', 'https://a.invalid/x', (at) => ({ HTTP_PROXY: `http://${at}` }), ''],
  ['never that of https for http', 'http://a.invalid/x', (at) => ({ HTTPS_PROXY: `http://${at}` }), ''],
  [
    'that of all',
    'https://a.invalid/x',
    (at) => ({ HTTPS_PROXY: '', ALL_PROXY: `http://${at}` }),
    'CONNECT a.invalid:443',
  ],
  [
    'with a user and a password',
    'http://a.invalid/x',
    (at) => ({ http_proxy: `http://me:pass%20word@${at}` }),
    `GET http://a.invalid/x Basic ${Buffer.from('me:pass word').toString('base64')}`,
  ],
  [
    'with a user alone',
    'https://a.invalid/x',
    (at) => ({ https_proxy: `http://me@${at}` }),
    `CONNECT a.invalid:443 Basic ${Buffer.from('me:').toString('base64')}`,
  ],
])('takes the proxy of the environment: %s', async (_, address, envOf, expected) => {
  expect(await askedFor(address, envOf)).toBe(expected);
});

it.each([
  ['*', true],
  ['a.invalid', true],
  ['.a.invalid', true],
  ['*.a.invalid', true],
  ['A.INVALID', true],
  ['b.org, a.invalid', true],
  ['b.org a.invalid', true],
  ['a.invalid:443', true],
  ['a.invalid:8443', false],
  ['invalid', true],
  ['x.a.invalid', false],
  ['ya.invalid', false],
  ['', false],
])('bypasses the proxy for what NO_PROXY lists: %s', async (list, isPast) => {
  const asked = await askedFor('https://a.invalid/x', (at) => ({ HTTPS_PROXY: `http://${at}`, NO_PROXY: list }));
  expect(asked === '').toBe(isPast);
});

it.each(['socks5', 'socks5h', 'socks'])(
  'goes through a SOCKS 5 proxy (%s), which resolves the name',
  async (scheme) => {
    await using receiver = await createReceiver();
    using socks = await createSocksProxy(Number(new URL(receiver.url).port));
    const webhooks = createWebhooks(() => ({ ALL_PROXY: `${scheme}://${socks.place}` }));
    expect(await webhooks.call('http://hooks.invalid/x', call())).toBe(undefined);
    expect([socks.names, receiver.received.map(({ path }) => path)]).toEqual([['hooks.invalid'], ['/x']]);
  },
);

it('reports that a proxy cannot be used, without its address', async () => {
  const problem = (proxy: string) => createWebhooks(() => ({ HTTPS_PROXY: proxy })).call('https://a.invalid', call());
  expect(await problem('socks4://me:geheim@p')).toBe(
    'the proxy in the environment is neither an HTTP nor a SOCKS 5 proxy (socks4:)',
  );
  expect(await problem('http://me:geheim@[')).toBe('the address of the proxy in the environment is not valid');
});

describe('a receiver that never answers', () => {
  it('is given up in time, even when garbage is collected meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await using receiver = await createReceiver();
    receiver.answer('hang');
    const collecting = setInterval(collect, 20);
    try {
      const answer = createWebhooks(() => ({})).ask(receiver.url, call(never, 400));
      const tooLate = new Promise((done) => setTimeout(done, 5000, 'still waiting'));
      expect(await Promise.race([answer, tooLate])).toEqual({ problem: 'no answer in 400 ms' });
    } finally {
      clearInterval(collecting);
    }
  });

  it('is given up when the command is interrupted', async () => {
    await using receiver = await createReceiver();
    receiver.answer('hang');
    const command = new AbortController();
    const answer = createWebhooks(() => ({})).ask(receiver.url, call(command.signal));
    while (receiver.received.length === 0) await new Promise((done) => setTimeout(done, 5));
    command.abort();
    expect(await answer).toEqual({ problem: 'interrupted' });
    expect(await createWebhooks(() => ({})).ask(receiver.url, call(command.signal))).toEqual({
      problem: 'interrupted',
    });
    expect(receiver.received.length).toBe(1);
  });
});
