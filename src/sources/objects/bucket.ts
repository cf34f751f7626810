import type { Failure } from '../../domain/failure.js';
import type { ObjectPlace } from '../../domain/pipeline/remote-source.js';
import type {
  Bucket,
  BucketObject,
  BucketProblem,
  ObjectsRequest,
  OpenBucket,
  OpenObjects,
} from '../../domain/ports/sources.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Env, readUrl } from '../source-url.js';
import { endingOf } from './ending.js';
import { isPattern, patternOf, prefixOf } from './key-pattern.js';
import { MOST_OBJECT_BYTES, tooLarge } from './largest.js';

type Place = Extract<ObjectPlace, { kind: 's3' | 'gcs' }>;

interface Context {
  readonly env: Env;
  readonly openBucket: OpenBucket;
}

/** Google's storage speaks S3's protocol here, with HMAC keys. */
const GOOGLE = 'https://storage.googleapis.com';
const SCHEMES = { s3: /^s3:\/\//i, gcs: /^(gs|gcs):\/\//i };
/** Keys that are listed: those that match may be far fewer. */
const MOST_KEYS = 1_000_000;

/** Files of a bucket, by a key or a pattern of keys. */
export async function openBucketObjects(
  { dataset, source }: ObjectsRequest,
  place: Place,
  { env, openBucket }: Context,
): Promise<Result<OpenObjects, Failure>> {
  const name = `dataset "${dataset}"`;
  const url = readUrl(name, place.url, env, SCHEMES[place.kind]);
  if (!url.ok) return url;
  const [, bucketName = '', key = ''] = /^[a-z0-9]+:\/\/([^/]+)\/(.+)$/i.exec(url.value) ?? [];
  if (bucketName === '' || key === '' || key.endsWith('/') || bucketName.includes('@'))
    return err({
      code: 'source-url-invalid',
      source: name,
      variable: typeof place.url === 'string' ? undefined : place.url.from,
      problem: 'no-key',
    });
  const { timeoutMs } = source;
  const where = `${place.kind === 's3' ? 's3' : 'gs'}://${bucketName}`;
  const failed = (problem: BucketProblem): Failure => failureOf(problem, { source: name, place: where, timeoutMs });
  const endpoint = place.kind === 'gcs' ? env.STORAGE_EMULATOR_HOST || GOOGLE : undefined;
  const opened = await openBucket({ bucket: bucketName, timeoutMs, ...(endpoint === undefined ? {} : { endpoint }) });
  if (!opened.ok) return err(failed(opened.error));
  const bucket = opened.value;
  const found = new Map<string, BucketObject>();
  return ok({
    place: where,
    list: async () => {
      const listed = await listMatching(bucket, key);
      if (!listed.ok) return err(failed(listed.error));
      for (const one of listed.value) found.set(one.key, one);
      if (listed.value.length === 0)
        return err({ code: 'source-query-refused', source: name, reason: `${where} has no object ${key}` });
      return ok(listed.value.map((one) => ({ name: one.key, version: `etag ${one.etag}` })));
    },
    read: async ({ name: wanted, version }, _, to) => {
      const object = found.get(wanted);
      if (object === undefined) throw new Error('internal error: an object is read that was not listed');
      if (object.size > MOST_OBJECT_BYTES)
        return err({ code: 'source-broken-off', source: name, place: `${where}/${wanted}`, reason: tooLarge });
      const path = `${to}${endingOf(wanted, place.format)}`;
      const fetched = await bucket.fetch(object, path);
      if (!fetched.ok) return err(failed(fetched.error));
      return ok({ ...(version === undefined ? {} : { version }), table: { kind: 'file', path } });
    },
    [Symbol.asyncDispose]: async () => undefined,
  });
}

/** Objects that match, in the order of their keys. Empty ones hold no rows: some programs write them as marks. */
async function listMatching(bucket: Bucket, key: string) {
  const listed = await bucket.list(prefixOf(key), MOST_KEYS);
  if (!listed.ok) return listed;
  const matches = isPattern(key) ? patternOf(key) : undefined;
  return ok(listed.value.filter((one) => one.size > 0 && (matches?.test(one.key) ?? one.key === key)));
}

interface Where {
  readonly source: string;
  readonly place: string;
  readonly timeoutMs: number;
}

function failureOf({ kind, reason }: BucketProblem, { source, place, timeoutMs }: Where): Failure {
  switch (kind) {
    case 'login':
      return { code: 'source-login-refused', source, place, reason };
    case 'permission':
      return { code: 'source-permission-denied', source, place, reason };
    case 'absent':
      return { code: 'source-query-refused', source, reason: `${place}: ${reason}` };
    case 'time':
      return { code: 'source-timed-out', source, place, afterMs: timeoutMs };
    case 'changed':
    case 'interrupted':
      return { code: 'source-broken-off', source, place, reason };
    case 'unreachable':
      return { code: 'source-unreachable', source, place, reason };
  }
}
