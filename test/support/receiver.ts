import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Document } from './rig.js';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Document;
}

/** An HTTP server of this machine that keeps what it is sent, and answers as it is told. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** What the next calls are answered with; 200 at first, `hang` for never. */
  readonly answer: (status: number | 'hang') => void;
}

export async function createReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let status: number | 'hang' = 200;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const { method = '', url = '', headers } = request;
      received.push({ method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) });
      if (status !== 'hang') response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook?token=geheim`,
    received,
    answer: (next) => {
      status = next;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
