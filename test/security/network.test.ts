import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const paths: string[] = [];
const CHUNK = Buffer.alloc(1 << 20, 'x');
const server = createServer((request, response) => {
  const { url = '' } = request;
  paths.push(url);
  request.resume();
  request.on('end', () => {
    const status = Number(/\/redirect\/(\d+)/.exec(url)?.[1]);
    if (status > 0) return void response.writeHead(status, { location: '/elsewhere' }).end();
    if (!url.includes('endless')) return void response.end('{}');
    response.writeHead(200);
    response.on('error', () => undefined);
    const more = (): void => {
      while (response.write(CHUNK));
      response.once('drain', more);
    };
    more();
  });
});
let address: string;
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const workspaceWith = (settings: string) =>
  createRig({ 'pipelines/p.yaml': 'pipeline: p\nsteps: { s: { run: "true" } }\n', 'refit.yaml': settings });

it.each([301, 302, 303, 307, 308])('does not follow a redirect with %i, which is no delivery', async (status) => {
  using rig = workspaceWith(`notifications:\n  hook: { url: '${address}/redirect/${status}' }\n`);
  const sent = await rig.refit('notify', '--test');
  expect(sent.exit).not.toBe(0);
  expect(sent.stdout + sent.stderr).toContain(`it answered ${status}`);
  expect(paths).not.toContain('/elsewhere');
});

it('does not read the answer of a receiver, however long it is', async () => {
  using rig = workspaceWith(`notifications:\n  hook: { url: '${address}/endless' }\n`);
  const sent = await rig.refit('notify', '--test');
  expect(sent.exit).toBe(0);
});

it('reads at most 64 KiB of a tracking server, and follows no redirect of it', async () => {
  using rig = workspaceWith(`mlflow: { url: '${address}/endless' }\n`);
  const long = await rig.refit('notify', '--test');
  expect(long.stdout + long.stderr).toContain('longer than 64 KiB');
  rig.write({ 'refit.yaml': `mlflow: { url: '${address}/redirect/302' }\n` });
  const moved = await rig.refit('notify', '--test');
  expect(moved.stdout + moved.stderr).toContain('it answered 302');
  expect(paths).not.toContain('/elsewhere');
});
