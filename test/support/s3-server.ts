import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * As much of S3's REST interface as push and pull speak, over real HTTP and held in memory: objects of one bucket, put whole
 * (`If-None-Match: *` refuses what is there with 412, a wrong `x-amz-checksum-sha256` is a BadDigest), got, asked for,
 * deleted and listed in pages. Requests must be signed (AWS Signature Version 4) with the key below.
 */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  /** The environment that holds the key. */
  readonly env: Readonly<Record<string, string>>;
  readonly objects: Map<string, Buffer>;
  /** Method and key of every request that was answered, in order. */
  readonly requests: string[];
  /** Sees every request first; true: the connection is cut. */
  cut: (method: string, key: string) => boolean;
  /** True: the request is never answered, or, for an object that is got, only its first byte. */
  keepSilent: (method: string, key: string) => boolean;
  /** A server of before conditional writes: it does not see the header. */
  knowsConditions: boolean;
}

const KEY = 'AKIATESTTESTTEST';
const SECRET = 'a secret that no message may hold';
/** Small, so that a few entries are several pages. */
const PAGE = 3;

export async function startS3(bucket: string): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const http = createServer((request, response) => void answer(server, bucket, { request, response }));
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const server: S3Server = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    env: { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET },
    objects,
    requests: [],
    cut: () => false,
    keepSilent: () => false,
    knowsConditions: true,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise<void>((done) => http.close(() => done()));
    },
  };
  return server;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(server: S3Server, bucket: string, { request, response }: Exchange): Promise<void> {
  const url = new URL(request.url ?? '/', server.endpoint);
  const [, inBucket = '', ...rest] = url.pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const method = request.method ?? '';
  if (server.cut(method, key)) {
    request.socket.destroy();
    return;
  }
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // the client died: what it had sent of an object is not there
    return;
  }
  const body = Buffer.concat(chunks);
  server.requests.push(`${method} ${key}`);
  const refuse = (status: number, code: string): void => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(method === 'HEAD' ? undefined : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
  };
  const isSilent = server.keepSilent(method, key);
  if (isSilent && (method !== 'GET' || !server.objects.has(key))) return;
  if (!isSigned(request, url)) return refuse(403, 'SignatureDoesNotMatch');
  if (inBucket !== bucket) return refuse(404, 'NoSuchBucket');
  if (method === 'PUT') {
    const problem = putProblem(server, key, { request, body });
    if (problem !== undefined) return refuse(...problem);
    server.objects.set(key, body);
    response.writeHead(200, { etag: etagOf(body) }).end();
    return;
  }
  if (method === 'DELETE') {
    server.objects.delete(key);
    response.writeHead(204).end();
    return;
  }
  if (url.searchParams.get('list-type') === '2') return list(server, bucket, { url, response });
  const found = server.objects.get(key);
  if (found === undefined) return refuse(404, 'NoSuchKey');
  const expected = request.headers['if-match'];
  if (expected !== undefined && expected !== etagOf(found)) return refuse(412, 'PreconditionFailed');
  response.writeHead(200, { etag: etagOf(found), 'content-length': found.length });
  if (isSilent) response.write(found.subarray(0, 1));
  else response.end(method === 'HEAD' ? undefined : found);
}

const etagOf = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`;

function putProblem(
  server: S3Server,
  key: string,
  { request, body }: { readonly request: IncomingMessage; readonly body: Buffer },
): readonly [number, string] | undefined {
  const { headers } = request;
  if (headers['content-encoding']?.includes('aws-chunked')) return [501, 'NotImplemented'];
  if (server.knowsConditions) {
    if (headers['if-none-match'] === '*' && server.objects.has(key)) return [412, 'PreconditionFailed'];
  }
  const sum = headers['x-amz-checksum-sha256'];
  if (sum !== undefined && sum !== createHash('sha256').update(body).digest('base64')) return [400, 'BadDigest'];
  return undefined;
}

function list(
  server: S3Server,
  bucket: string,
  { url, response }: { readonly url: URL; readonly response: ServerResponse },
): void {
  const prefix = url.searchParams.get('prefix') ?? '';
  const after = url.searchParams.get('continuation-token') ?? url.searchParams.get('start-after') ?? '';
  const keys = [...server.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, PAGE);
  const more = keys.length > PAGE;
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${prefix}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${PAGE}</MaxKeys><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''}${page.map((key) => `<Contents><Key>${key}</Key><ETag>${etagOf(server.objects.get(key) ?? Buffer.alloc(0)).replaceAll('"', '&quot;')}</ETag><Size>${server.objects.get(key)?.length}</Size></Contents>`).join('')}</ListBucketResult>`,
  );
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** AWS Signature Version 4, computed anew from what arrived. */
function isSigned(request: IncomingMessage, url: URL): boolean {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (match === null) return false;
  const [, key, day = '', region = '', signed = '', signature] = match;
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = signed.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`);
  const canonical = [
    request.method,
    url.pathname,
    query,
    headers.join(''),
    signed,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const signing = hmac(hmac(hmac(hmac(`AWS4${SECRET}`, day), region), 's3'), 'aws4_request');
  return key === KEY && hmac(signing, text).toString('hex') === signature;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
