import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createReceiver } from '../support/receiver.js';
import { createRig, type Rig } from '../support/rig.js';

const TLS = resolve(import.meta.dirname, '../fixtures/tls');
const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
};

/** Requests to the proxy, and requests that came out of its tunnels. */
const asked: string[] = [];
const told: string[] = [];
const answer = (request: { on: (event: string, does: (part: Buffer) => void) => unknown }, end: () => void): void => {
  const parts: Buffer[] = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    told.push(JSON.parse(Buffer.concat(parts).toString()).kind);
    end();
  });
};
const hooks = createTlsServer(
  { key: readFileSync(`${TLS}/key.pem`), cert: readFileSync(`${TLS}/cert.pem`) },
  (request, response) => answer(request, () => response.writeHead(200).end()),
);
const proxy = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
  answer(request, () => response.writeHead(200).end());
});
let [hooksPort, proxyPort] = [0, 0];

beforeAll(async () => {
  [hooksPort, proxyPort] = [await listen(hooks as Server), await listen(proxy)];
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    if (request.url !== 'hooks.example.org:443') return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const through = connect(hooksPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const end of [through, socket]) end.on('error', () => through.destroy());
    return undefined;
  });
});
afterAll(() => {
  for (const server of [hooks, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});

const rigOf = (url: string, env: Readonly<Record<string, string>>): Rig => {
  asked.length = told.length = 0;
  return createRig(
    {
      'pipelines/p.yaml': 'pipeline: p\nsteps: { train: { run: echo m > p.model, inputs: [], outputs: [p.model] } }\n',
      'refit.yaml': `notifications: { chat: { url: "${url}" } }\n`,
    },
    { NODE_EXTRA_CA_CERTS: `${TLS}/cert.pem`, ...env },
  );
};

const test = async (rig: Rig, exit = 0) => (await rig.json(exit, 'notify', 'chat', '--test')).notifications[0].problem;

it('sends a notice to https through a tunnel of the proxy set in the environment', async () => {
  using rig = rigOf('https://hooks.example.org/x?token=geheim', { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}` });
  expect(await test(rig)).toBe(null);
  expect([asked, told]).toEqual([['CONNECT hooks.example.org:443'], ['decision']]);
});

it('sends http requests directly to the proxy, with its credentials', async () => {
  using rig = rigOf('http://hooks.example.org/x', { HTTP_PROXY: `http://me:pass%20word@127.0.0.1:${proxyPort}` });
  expect(await test(rig)).toBe(null);
  const basic = Buffer.from('me:pass word').toString('base64');
  expect([asked, told]).toEqual([[`POST http://hooks.example.org/x Basic ${basic}`], ['decision']]);
});

it('reports a refusal of the proxy without its address, and bypasses it for hosts in NO_PROXY', async () => {
  using rig = rigOf('https://other.example.org/x?token=geheim', { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}` });
  const problem = await test(rig, 1);
  expect(problem).toBe('it could not be reached (proxy answered 403)');
  await using receiver = await createReceiver();
  using past = rigOf(receiver.url, { HTTP_PROXY: `http://127.0.0.1:${proxyPort}`, NO_PROXY: '127.0.0.1' });
  expect(await test(past)).toBe(null);
  expect([asked, receiver.received.length]).toEqual([[], 1]);
});
