import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { MOST_ENTRY_BYTES, type RemoteTarget, remoteUrl } from '../../domain/exchange/remote.js';
import type { Failure } from '../../domain/failure.js';
import type { ListedFile, RemoteFile, RemoteStore } from '../../domain/ports/remotes.js';
import { mapInParallel } from '../../domain/support/parallel.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { damagedObject } from './damaged-object.js';
import { bytesUpTo, exactly, NotAsDeclared, notAsDeclared } from './not-as-declared.js';
import { refusedHere } from './refused-here.js';
import { answerTimeMs, createS3Client, type Patience, reasonOf } from './s3-client.js';

type Bucket = Extract<RemoteTarget, { kind: 's3' }>;
type Env = Readonly<Record<string, string | undefined>>;

/** S3's limit for one request. Larger objects would need a multipart upload. */
const MOST_BYTES = 5 * 1024 ** 3;
const ENTRIES_AT_ONCE = 16;

/**
 * A remote in a bucket of S3 or a compatible server. A put is atomic. A log entry is put only if it does not exist
 * (`If-None-Match: *`); a server that ignores this condition is refused.
 */
export async function openBucketRemote(
  target: Bucket,
  env: Env,
  patience: Patience,
): Promise<Result<RemoteStore, Failure>> {
  const { signal } = patience;
  const remote = remoteUrl(target);
  const unreachable = (reason: string): Failure => ({ code: 'remote-unreachable', remote, reason });
  const attempt = async <T>(work: () => Promise<T>, fetched?: string): Promise<Result<T, Failure>> => {
    try {
      return ok(await work());
    } catch (error) {
      if (error instanceof NotAsDeclared) return err(notAsDeclared(remote, error));
      const here = fetched === undefined ? undefined : refusedHere(error, fetched);
      return err(here ?? unreachable(signal.aborted ? 'interrupted' : reasonOf(error, env)));
    }
  };
  const opened = await attempt(() => createS3Client(target, env, patience));
  if (!opened.ok) return opened;
  const bucket: OpenBucket = {
    client: opened.value,
    signal,
    timeoutMs: target.timeoutMs,
    Bucket: target.bucket,
    keyOf: (name) => (target.prefix === '' ? name : `${target.prefix}/${name}`),
  };
  return ok({
    location: remote,
    mostBytes: MOST_BYTES,
    entry: (number) => attempt(() => readText(bucket, entryName(number))),
    entriesAfter: (after) => readEntries(bucket, after, attempt),
    append: async (number, text) => {
      const done = await attempt(() => append(bucket, number, text));
      if (!done.ok) return done;
      if (done.value !== 'unguarded') return ok(done.value);
      return err(
        unreachable('it ignores conditional writes (If-None-Match), so two pushes at once could overwrite each other'),
      );
    },
    sizeOf: (name) => attempt(() => sizeOf(bucket, name)),
    put: async (name, file) => {
      if (file.size > MOST_BYTES) return err(unreachable('objects larger than 5 GiB are not supported'));
      const done = await attempt(() => repeatedly(bucket, () => putFile(bucket, name, file)));
      return done.ok && done.value === 'other-bytes' ? err(damagedObject(file)) : done.ok ? ok(undefined) : done;
    },
    packs: () => attempt(async () => (await listBelow(bucket, 'packs/')).map(({ name }) => name)),
    drop: (name) => attempt(() => drop(bucket, name)),
    putBytes: (name, bytes) =>
      attempt(async () => {
        const request = new PutObjectCommand({ ...placeOf(bucket, name), Body: bytes });
        await bucket.client.send(request, { abortSignal: signal });
      }),
    getBytes: (name) => attempt(() => repeatedly(bucket, () => readBytes(bucket, name))),
    list: (folder) => attempt(() => listBelow(bucket, folder)),
    clear: (folder) =>
      attempt(async () => {
        for (const { name } of await listBelow(bucket, folder)) await drop(bucket, name);
      }),
    get: (name, path, size) => attempt(() => repeatedly(bucket, () => getFile(bucket, { name, size }, path)), path),
  });
}

interface OpenBucket {
  readonly client: S3Client;
  /** Ends what waits for the server. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly Bucket: string;
  readonly keyOf: (name: string) => string;
}

const entryName = (number: number): string => `log/${String(number).padStart(12, '0')}`;

const getObject = ({ client, signal, Bucket, keyOf }: OpenBucket, name: string) =>
  orNothing(client.send(new GetObjectCommand({ Bucket, Key: keyOf(name) }), { abortSignal: signal }));

async function readBytes(bucket: OpenBucket, name: string): Promise<Buffer | undefined> {
  const found = await getObject(bucket, name);
  return found?.Body === undefined ? undefined : bytesUpTo(name, MOST_ENTRY_BYTES, found.Body as Readable);
}

const readText = async (bucket: OpenBucket, name: string): Promise<string | undefined> =>
  (await readBytes(bucket, name))?.toString('utf8');

type Attempt = <T>(work: () => Promise<T>) => Promise<Result<T, Failure>>;

async function readEntries(
  bucket: OpenBucket,
  after: number,
  attempt: Attempt,
): Promise<Result<readonly string[], Failure>> {
  const numbers = await attempt(() => listEntries(bucket, after));
  if (!numbers.ok) return numbers;
  const texts = await mapInParallel(numbers.value, ENTRIES_AT_ONCE, (number) =>
    attempt(() => readText(bucket, entryName(number))),
  );
  return texts.ok ? ok(texts.value.filter((text) => text !== undefined)) : texts;
}

async function listEntries({ client, signal, Bucket, keyOf }: OpenBucket, after: number): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (let token: string | undefined; ; ) {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: keyOf('log/'),
        StartAfter: keyOf(entryName(after)),
        ContinuationToken: token,
      }),
      { abortSignal: signal },
    );
    for (const { Key } of page.Contents ?? []) {
      const digits = /\/(\d{12})$/.exec(`/${Key ?? ''}`)?.[1];
      if (digits !== undefined) numbers.push(Number(digits));
    }
    token = page.NextContinuationToken;
    if (token === undefined) return numbers.filter((number) => number > after).sort((a, b) => a - b);
  }
}

const placeOf = ({ Bucket, keyOf }: OpenBucket, name: string) => ({ Bucket, Key: keyOf(name) });

async function drop(bucket: OpenBucket, name: string): Promise<void> {
  await bucket.client.send(new DeleteObjectCommand(placeOf(bucket, name)), { abortSignal: bucket.signal });
}

/** The files below a folder, whose name ends in a slash. */
async function listBelow(
  { client, signal, Bucket, keyOf }: OpenBucket,
  folder: string,
): Promise<readonly ListedFile[]> {
  const found: ListedFile[] = [];
  for (let token: string | undefined; ; ) {
    const Prefix = keyOf(folder);
    const request = new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken: token });
    const page = await client.send(request, { abortSignal: signal });
    for (const { Key = '', Size = 0 } of page.Contents ?? [])
      found.push({ name: `${folder}${Key.slice(Prefix.length)}`, size: Size });
    token = page.NextContinuationToken;
    if (token === undefined) return found;
  }
}

async function append(bucket: OpenBucket, number: number, text: string): Promise<'appended' | 'taken' | 'unguarded'> {
  const isNew = await putNewEntry(bucket, number, text);
  // If the response to an earlier put was lost, the text shows whether the entry is ours.
  if (!isNew) return (await readText(bucket, entryName(number))) === text ? 'appended' : 'taken';
  // A second put of the same text is harmless and must be refused. If not, the server ignores the condition.
  return (await putNewEntry(bucket, number, text)) ? 'unguarded' : 'appended';
}

/** Puts a log entry. Returns false if it exists already. */
async function putNewEntry(
  { client, signal, timeoutMs, Bucket, keyOf }: OpenBucket,
  number: number,
  text: string,
): Promise<boolean> {
  try {
    const Key = keyOf(entryName(number));
    const request = new PutObjectCommand({ Bucket, Key, Body: text, IfNoneMatch: '*' });
    const requestTimeout = answerTimeMs(Buffer.byteLength(text), timeoutMs);
    await client.send(request, { abortSignal: signal, requestTimeout });
    return true;
  } catch (error) {
    // 409: another machine was putting the same entry at the same time.
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 412 || status === 409) return false;
    throw error;
  }
}

async function sizeOf({ client, signal, Bucket, keyOf }: OpenBucket, name: string): Promise<number | undefined> {
  const request = new HeadObjectCommand({ Bucket, Key: keyOf(name) });
  const found = await orNothing(client.send(request, { abortSignal: signal }));
  return found?.ContentLength;
}

const MAX_ATTEMPTS = 3;

/** Repeats the transfer of a file, which the SDK does not, if the connection or the server failed. */
async function repeatedly<T>({ signal }: OpenBucket, transfer: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await transfer();
    } catch (error) {
      const isRefused = error instanceof S3ServiceException && (error.$metadata.httpStatusCode ?? 0) < 500;
      if (attempt === MAX_ATTEMPTS || signal.aborted || isRefused || error instanceof NotAsDeclared) throw error;
    }
}

/** Writes an object to a new local file. Returns false if the bucket does not have it. */
async function getFile(
  bucket: OpenBucket,
  { name, size }: { readonly name: string; readonly size: number },
  path: string,
): Promise<boolean> {
  await rm(path, { force: true });
  const found = await getObject(bucket, name);
  if (found?.Body === undefined) return false;
  const { signal } = bucket;
  await pipeline(exactly(name, size, found.Body as Readable), createWriteStream(path, { flags: 'wx' }), { signal });
  return true;
}

/** Puts a file. The server compares the bytes with the hash. */
async function putFile(
  { client, signal, timeoutMs, Bucket, keyOf }: OpenBucket,
  name: string,
  { path, size, hash }: RemoteFile,
): Promise<'put' | 'other-bytes'> {
  try {
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: keyOf(name),
        Body: createReadStream(path),
        ContentLength: size,
        ChecksumSHA256: Buffer.from(hash, 'hex').toString('base64'),
      }),
      { abortSignal: signal, requestTimeout: answerTimeMs(size, timeoutMs) },
    );
    return 'put';
  } catch (error) {
    if (error instanceof S3ServiceException && error.name === 'BadDigest') return 'other-bytes';
    throw error;
  }
}

async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404 && error.name !== 'NoSuchBucket')
      return undefined;
    throw error;
  }
}
