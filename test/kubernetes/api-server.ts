import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Document } from '../support/rig.js';
import { FakeCluster, Refusal } from './fake-cluster.js';

/** What is done to a request instead of answering it. */
type Disturbance =
  /** The connection is closed without an answer. */
  | 'broken'
  /** The request is obeyed, and its answer never comes. */
  | 'obeyed-and-broken'
  /** The answer never comes, and the connection stays. */
  | 'silent'
  | 'overloaded'
  | 'forbidden'
  /** The answer breaks after so many bytes. */
  | { readonly afterBytes: number };

interface Request {
  readonly method: string;
  readonly path: string;
}

export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  readonly cluster: FakeCluster;
  readonly requests: readonly Request[];
  /** Called for each request. */
  disturb: (request: Request) => Disturbance | undefined;
}

/** Answers the requests that kubectl sends: discovery, jobs, pods and logs, as JSON and without TLS. */
export async function startApiServer(): Promise<ApiServer> {
  const cluster = new FakeCluster();
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const { method = 'GET' } = request;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const seen = { method, path: url.pathname };
    requests.push(seen);
    const wanted = self.disturb(seen);
    if (wanted === 'broken') return void request.socket.destroy();
    if (wanted === 'silent') return;
    void answer(cluster, { request, url, method, wanted }, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: ApiServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cluster,
    requests,
    disturb: () => undefined,
    [Symbol.asyncDispose]: async () => {
      cluster.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly method: string;
  readonly wanted: Exclude<Disturbance, 'broken' | 'silent'> | undefined;
}

async function answer(cluster: FakeCluster, asked: Asked, response: ServerResponse): Promise<void> {
  const { request, url, method, wanted } = asked;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const pod = /\/pods\/([^/]+)\/log$/.exec(url.pathname)?.[1];
  try {
    if (wanted === 'overloaded') throw new Refusal(503, 'ServiceUnavailable', 'the server is currently unable');
    if (wanted === 'forbidden') throw new Refusal(403, 'Forbidden', 'jobs.batch is forbidden: User "me" may not');
    if (pod !== undefined) return await sendLog(cluster, pod, url, response, wanted);
    const body = reply(cluster, { method, url, body: text === '' ? undefined : JSON.parse(text) });
    if (wanted === 'obeyed-and-broken') return void request.socket.destroy();
    send(response, 200, body, wanted);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(422, 'Invalid', String(error));
    const { code, reason, message } = refusal;
    send(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message });
  }
}

function send(response: ServerResponse, code: number, body: Document, wanted?: Disturbance): void {
  const text = JSON.stringify(body);
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  if (typeof wanted === 'object') {
    response.write(text.slice(0, wanted.afterBytes), () => response.socket?.destroy());
    return;
  }
  response.end(text);
}

const resource = (name: string, kind: string, verbs: readonly string[]) => ({
  ...{ name, singularName: '', namespaced: true, kind, verbs },
});
const VERBS = ['create', 'delete', 'get', 'list', 'watch'];
const list = (groupVersion: string, resources: readonly Document[]) => ({
  ...{ kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources },
});
const BATCH = { groupVersion: 'batch/v1', version: 'v1' };

const DISCOVERY: Readonly<Record<string, Document>> = {
  '/version': { major: '1', minor: '32', gitVersion: 'v1.32.0' },
  '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
  '/apis': {
    ...{ kind: 'APIGroupList', apiVersion: 'v1' },
    groups: [{ name: 'batch', versions: [BATCH], preferredVersion: BATCH }],
  },
  '/api/v1': list('v1', [resource('pods', 'Pod', VERBS), resource('pods/log', 'Pod', ['get'])]),
  '/apis/batch/v1': list('batch/v1', [resource('jobs', 'Job', VERBS)]),
};

function reply(
  cluster: FakeCluster,
  { method, url, body }: { readonly method: string; readonly url: URL; readonly body: Document },
): Document {
  const known = DISCOVERY[url.pathname];
  if (known !== undefined) return known;
  const [, namespace, kind, name] =
    /^\/(?:api\/v1|apis\/batch\/v1)\/namespaces\/([^/]+)\/(jobs|pods)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
  if (namespace !== 'training') throw new Refusal(404, 'NotFound', `the server has nothing at ${url.pathname}`);
  if (method === 'POST' && kind === 'jobs') return cluster.create(body);
  if (method === 'DELETE' && kind === 'jobs' && name !== undefined) return cluster.remove(name);
  const all = kind === 'jobs' ? [...cluster.jobs.values()] : [...cluster.pods.values()].map(({ object }) => object);
  if (name === undefined) {
    const items = all.filter((one) => isSelected(one, url.searchParams.get('labelSelector') ?? ''));
    return kind === 'jobs'
      ? { kind: 'JobList', apiVersion: 'batch/v1', metadata: {}, items }
      : { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
  }
  const found = all.find((one) => one.metadata.name === name);
  if (found === undefined) throw new Refusal(404, 'NotFound', `${kind} "${name}" not found`);
  return found;
}

/** `key in (a,b)`, the only selector that refit writes. */
function isSelected({ metadata }: Document, selector: string): boolean {
  const [, key = '', values = ''] = /^(\S+) in \((.*)\)$/.exec(selector) ?? [];
  return selector === '' || values.split(',').includes(metadata.labels?.[key]);
}

const POLL_MS = 20;

async function sendLog(
  cluster: FakeCluster,
  name: string,
  url: URL,
  response: ServerResponse,
  wanted: Disturbance | undefined,
): Promise<void> {
  const pod = cluster.pods.get(name);
  if (pod === undefined) throw new Refusal(404, 'NotFound', `pods "${name}" not found`);
  if (pod.container === undefined) throw new Refusal(400, 'BadRequest', 'the container is waiting to start');
  const isFollowing = url.searchParams.get('follow') === 'true';
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  const most = typeof wanted === 'object' ? wanted.afterBytes : Number.POSITIVE_INFINITY;
  let sent = 0;
  const forward = (): void => {
    const bytes = readFrom(pod.logPath, sent).subarray(0, most - sent);
    sent += bytes.length;
    if (bytes.length > 0) response.write(bytes);
  };
  const hasEnded = (): boolean => pod.isStepOver === true;
  for (let isLast = !isFollowing || hasEnded(); ; isLast = hasEnded()) {
    forward();
    if (sent >= most) return void setTimeout(() => response.socket?.destroy(), POLL_MS);
    if (isLast || response.destroyed) break;
    await delay(POLL_MS);
  }
  response.end();
}

function readFrom(path: string, from: number): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(1 << 20);
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, from));
  } finally {
    closeSync(file);
  }
}
