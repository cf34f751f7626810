import { Readable } from 'node:stream';
import { S3Client, type S3ClientConfig, S3ServiceException } from '@aws-sdk/client-s3';

export interface BucketPlace {
  readonly endpoint?: string;
  readonly region?: string;
  readonly timeoutMs?: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Servers other than Amazon's need a region for the signature, but accept any. */
const ANY_REGION = 'us-east-1';

const ignore = (): void => undefined;

const MAX_CONNECT_MS = 10_000;
/** How long a connection may be silent by default. A large object takes longer, but its bytes keep coming. */
const SILENCE_MS = 30_000;

/**
 * An S3 client with the SDK's own configuration. Settings that the remote does not have come from the environment
 * (AWS_PROFILE, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL …), the shared config and credentials files, a web identity, or the
 * machine's role.
 */
export async function createS3Client(
  { endpoint, region: named, timeoutMs = SILENCE_MS }: BucketPlace,
  env: Env,
): Promise<S3Client> {
  const config: S3ClientConfig = {
    endpoint,
    // refit checks bytes by their hash itself, and many servers do not support the SDK's default checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // It would print warnings of its own, for example when a transfer fails that is repeated anyway.
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    // By default the SDK waits for ever.
    requestHandler: { connectionTimeout: Math.min(MAX_CONNECT_MS, timeoutMs), socketTimeout: timeoutMs },
  };
  // This client only resolves the settings, because path style must be chosen when the real client is created.
  const found = new S3Client(config).config;
  const isOwnEndpoint = (endpoint ?? (await found.serviceConfiguredEndpoint?.())) !== undefined;
  const region = named ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? (await found.region().catch(() => ANY_REGION));
  return withShortAnswers(new S3Client({ ...config, region, forcePathStyle: isOwnEndpoint }));
}

/** A page of a listing is the longest answer that is needed; an error needs far less. */
const MOST_LISTING_BYTES = 8 * 2 ** 20;
const MOST_ERROR_BYTES = 64 * 1024;

/** Stops reading an answer that is longer than any that is needed. Objects are read by their declared size instead. */
function withShortAnswers(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode?: number; body?: unknown } | undefined;
      const isError = (response?.statusCode ?? 0) >= 300;
      if (response?.body instanceof Readable && (isError || context.commandName !== 'GetObjectCommand'))
        response.body = Readable.from(upTo(isError ? MOST_ERROR_BYTES : MOST_LISTING_BYTES, response.body), {
          objectMode: false,
        });
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'shortAnswers' },
  );
  return client;
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
