import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServedPage } from '../../domain/ports/pages.js';
import { messageOf } from '../../domain/support/system-error.js';

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/**
 * Serves on a free port of 127.0.0.1 until the signal. The address holds 24 random bytes, because every user and every page in a
 * browser of this machine can reach the port. A request under another host name is refused (DNS rebinding).
 */
export async function servePage({ page, state, signal, onReady }: ServedPage): Promise<void> {
  const secret = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => void answer(request, response));
  let host = '';

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '').split('?');
    const isAllowed = request.method === 'GET' && request.headers.host === host;
    if (isAllowed && path === `/${secret}/state`) return end(response, 200, 'text/plain; charset=utf-8', state());
    if (!isAllowed || path !== `/${secret}/`) return end(response, 404, 'text/plain; charset=utf-8', 'not found\n');
    try {
      return end(response, 200, 'text/html; charset=utf-8', await page());
    } catch (error) {
      const reason = messageOf(error);
      return end(response, 500, 'text/plain; charset=utf-8', `the page could not be made: ${reason}\n`);
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  onReady(`http://${host}/${secret}/`);
  if (!signal.aborted) await once(signal, 'abort');
  server.closeAllConnections();
  server.close();
}

function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type });
  response.end(body);
}
