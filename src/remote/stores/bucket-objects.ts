import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, ListObjectsV2Command, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Bucket, BucketObject, BucketProblem, BucketResult, OpenBucket } from '../../domain/ports/sources.js';
import { err, ok } from '../../domain/support/result.js';
import { LONGEST_TIMER_MS } from '../../domain/support/wait.js';
import { exactly } from './not-as-declared.js';
import { createS3Client, type Patience, reasonOf } from './s3-client.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Codes of a server that does not know the key, or not the secret. */
const LOGIN =
  /InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|InvalidClientTokenId|RequestTimeTooSkewed/;

/** A bucket that a dataset is read from. Each request is bounded by the time of its dataset, and by the signal. */
export async function openBucket(
  { bucket, endpoint, timeoutMs }: Parameters<OpenBucket>[0],
  env: Env,
  patience: Patience,
): Promise<BucketResult<Bucket>> {
  const { signal } = patience;
  const attempt: Attempt = async (work) => {
    const controller = new AbortController();
    let isLate = false;
    const late = (): void => {
      isLate = true;
      controller.abort();
    };
    const timer = setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER_MS));
    const stop = (): void => controller.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      return ok(await work(controller.signal));
    } catch (error) {
      if (signal.aborted) return err({ kind: 'interrupted', reason: 'interrupted' });
      return err(isLate ? { kind: 'time', reason: 'no answer in time' } : problemOf(error, env));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  };
  const place = endpoint === undefined ? { timeoutMs } : { endpoint, timeoutMs };
  const opened = await attempt(() => createS3Client(place, env, patience));
  return opened.ok ? ok(readerOf(opened.value, bucket, attempt)) : opened;
}

type Attempt = <T>(work: (ended: AbortSignal) => Promise<T>) => Promise<BucketResult<T>>;

const readerOf = (client: S3Client, bucket: string, attempt: Attempt): Bucket => ({
  list: (prefix, most) => attempt((ended) => list(client, { Bucket: bucket, Prefix: prefix }, { most, ended })),
  fetch: ({ key, etag, size }, path) =>
    attempt(async (ended) => {
      const request = new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: etag });
      const { Body } = await client.send(request, { abortSignal: ended });
      const bytes = exactly(key, size, Body as Readable);
      await pipeline(bytes, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal: ended });
    }),
});

async function list(
  client: S3Client,
  place: { readonly Bucket: string; readonly Prefix: string },
  { most, ended }: { readonly most: number; readonly ended: AbortSignal },
): Promise<readonly BucketObject[]> {
  const found: BucketObject[] = [];
  for (let token: string | undefined; ; ) {
    const request = new ListObjectsV2Command({ ...place, ContinuationToken: token });
    const page = await client.send(request, { abortSignal: ended });
    for (const { Key, ETag, Size } of page.Contents ?? [])
      if (Key !== undefined && ETag !== undefined) found.push({ key: Key, etag: ETag, size: Size ?? 0 });
    token = page.NextContinuationToken;
    if (token === undefined) return found;
    if (found.length >= most) throw new Error(`it has more than ${most} keys that begin with "${place.Prefix}"`);
  }
}

function problemOf(error: unknown, env: Env): BucketProblem {
  if (error instanceof Error && error.name === 'TimeoutError') return { kind: 'time', reason: 'no answer in time' };
  const reason = reasonOf(error, env);
  if (error instanceof Error && /CredentialsProviderError|TokenProviderError/.test(error.name))
    return { kind: 'login', reason };
  if (!(error instanceof S3ServiceException)) return { kind: 'unreachable', reason };
  const status = error.$metadata.httpStatusCode ?? 0;
  if (status === 401 || LOGIN.test(error.name)) return { kind: 'login', reason };
  if (status === 403) return { kind: 'permission', reason };
  if (status === 404) return { kind: 'absent', reason };
  if (status === 412) return { kind: 'changed', reason: 'an object was changed while it was read' };
  return { kind: 'unreachable', reason };
}
