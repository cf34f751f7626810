import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A web server on 127.0.0.1 that answers as the test says. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Of `https`: the file of its certificate, which is its own authority. */
  readonly certificate: string;
  readonly requests: IncomingMessage[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
}

export async function startFileServer(scheme: 'http' | 'https' = 'http'): Promise<FileServer> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-files-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const listener: RequestListener = (request, response) => {
    server.requests.push(request);
    server.answer(request, response);
  };
  if (scheme === 'https')
    execFileSync(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${key} -out ${certificate}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
  const http =
    scheme === 'http'
      ? createServer(listener)
      : createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, listener);
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const { port } = http.address() as AddressInfo;
  const server: FileServer = {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    certificate,
    requests: [],
    answer: (_, response) => void response.writeHead(404).end(),
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise<void>((done) => http.close(() => done()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return server;
}
