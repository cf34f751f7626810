import { Readable } from 'node:stream';
import { S3Client, type S3ClientConfig, S3ServiceException } from '@aws-sdk/client-s3';
import { LONGEST_TIMER_MS, waitFor } from '../../domain/support/wait.js';

export interface BucketPlace {
  readonly endpoint?: string;
  readonly region?: string;
  readonly timeoutMs?: number;
}

export interface Patience {
  /** Ends what waits. */
  readonly signal: AbortSignal;
  /** Called when something is no longer waited for that cannot be stopped, and would keep the process alive. */
  readonly abandon: () => void;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Servers other than Amazon's need a region for the signature, but accept any. */
const ANY_REGION = 'us-east-1';

const ignore = (): void => undefined;

const MAX_CONNECT_MS = 10_000;
/** How long a connection may be silent by default. A large object takes longer, but its bytes keep coming. */
const SILENCE_MS = 30_000;

/** Fewer bytes, on average over the time that a connection may be silent, are as good as silence. */
const LEAST_BYTES_A_SECOND = 100;

/** The longest time until the answer to a request with a body of so many bytes begins, in milliseconds. */
export const answerTimeMs = (bytes: number, timeoutMs = SILENCE_MS): number =>
  Math.min(2 * timeoutMs + (1000 * bytes) / LEAST_BYTES_A_SECOND, LONGEST_TIMER_MS);

class CredentialsLate extends Error {
  constructor(timeoutMs: number) {
    super(`no credentials came within ${timeoutMs / 1000} s ("timeout" of the remote in refit.yaml)`);
  }
}

/**
 * An S3 client with the SDK's own configuration. Settings that the remote does not have come from the environment
 * (AWS_PROFILE, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL …), the shared config and credentials files, a web identity, or the
 * machine's role.
 */
export async function createS3Client(
  { endpoint, region: named, timeoutMs = SILENCE_MS }: BucketPlace,
  env: Env,
  patience: Patience,
): Promise<S3Client> {
  const config: S3ClientConfig = {
    endpoint,
    // refit checks bytes by their hash itself, and many servers do not support the SDK's default checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It would print warnings of its own, for example when a transfer fails that is repeated anyway.
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    // By default the SDK waits for ever. `socketTimeout` bounds silence, `requestTimeout` the time until an answer begins.
    requestHandler: {
      connectionTimeout: Math.min(MAX_CONNECT_MS, timeoutMs),
      socketTimeout: timeoutMs,
      requestTimeout: answerTimeMs(0, timeoutMs),
      throwOnRequestTimeout: true,
    },
  };
  // This client only resolves the settings, because path style must be chosen when the real client is created.
  const found = new S3Client(config).config;
  const isOwnEndpoint = (endpoint ?? (await found.serviceConfiguredEndpoint?.())) !== undefined;
  const region = named ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? (await found.region().catch(() => ANY_REGION));
  const settings = { ...config, region, forcePathStyle: isOwnEndpoint };
  const { credentials } = new S3Client(settings).config;
  return withBoundedAnswers(
    new S3Client({ ...settings, credentials: () => inTime(credentials(), { ...patience, timeoutMs }) }),
    timeoutMs,
  );
}

/** What gives credentials (a program, the role of the machine) may take any time, and heeds no signal. */
async function inTime<T>(
  work: Promise<T>,
  { timeoutMs, signal, abandon }: Patience & { readonly timeoutMs: number },
): Promise<T> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const isLate = waitFor(timeoutMs, ended.signal).then(() => {
    abandon();
    throw new CredentialsLate(timeoutMs);
  });
  try {
    return await Promise.race([work, isLate]);
  } finally {
    end();
    signal.removeEventListener('abort', end);
  }
}

/** A page of a listing is the longest answer that is needed; an error needs far less. */
const MOST_LISTING_BYTES = 8 * 2 ** 20;
const MOST_ERROR_BYTES = 64 * 1024;

/**
 * Stops reading an answer that is longer than any that is needed (objects are read by their declared size instead), or that
 * trickles without end.
 */
function withBoundedAnswers(client: S3Client, timeoutMs: number): S3Client {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode?: number; body?: unknown } | undefined;
      if (!(response?.body instanceof Readable)) return result;
      const isError = (response.statusCode ?? 0) >= 300;
      const isObject = !isError && context.commandName === 'GetObjectCommand';
      const steady = steadily(timeoutMs, response.body);
      const most = isError ? MOST_ERROR_BYTES : MOST_LISTING_BYTES;
      response.body = Readable.from(isObject ? steady : upTo(most, steady), { objectMode: false });
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'boundedAnswers' },
  );
  return client;
}

/** Throws where less comes than a connection must bring. Only the time is counted in which bytes are waited for. */
async function* steadily(timeoutMs: number, body: AsyncIterable<Uint8Array>) {
  const least = (LEAST_BYTES_A_SECOND * timeoutMs) / 1000;
  let [waitedMs, seen] = [0, 0];
  let askedMs = performance.now();
  for await (const chunk of body) {
    waitedMs += performance.now() - askedMs;
    seen += chunk.length;
    if (waitedMs >= timeoutMs) {
      if (seen < least) throw Object.assign(new Error('too slow'), { name: 'TimeoutError' });
      [waitedMs, seen] = [0, 0];
    }
    yield chunk;
    askedMs = performance.now();
  }
}

async function* upTo(most: number, body: AsyncIterable<Uint8Array>) {
  let seen = 0;
  for await (const chunk of body) {
    seen += chunk.length;
    if (seen > most) throw new Error(`its answer is longer than ${most / 1024} KiB`);
    yield chunk;
  }
}

/** Why a request or the search for credentials failed, without secrets. */
export function reasonOf(error: unknown, { AWS_PROFILE: profile }: Env): string {
  if (!(error instanceof Error)) throw error;
  if (error.name === 'TimeoutError') return 'it did not answer in time ("timeout" of the remote in refit.yaml)';
  if (error instanceof S3ServiceException) return `it answered ${error.$metadata.httpStatusCode}: ${error.name}`;
  if (error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError')
    return [
      `no AWS credentials were found${profile === undefined ? '' : ` for the profile "${profile}"`} (${error.message})`,
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a profile of your AWS credentials file',
    ].join('; ');
  return 'code' in error ? `it could not be reached (${String(error.code)})` : error.message;
}
