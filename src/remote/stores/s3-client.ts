import { S3Client, type S3ClientConfig, S3ServiceException } from '@aws-sdk/client-s3';

export interface BucketPlace {
  readonly endpoint?: string;
  readonly region?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** For servers that are not Amazon's: they need one for the signature and do not care which. */
const ANY_REGION = 'us-east-1';

/**
 * A client with the SDK's own settings: what the remote does not name comes from the environment (AWS_PROFILE,
 * AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL …), the shared config and credentials files, a web identity, or the machine's role.
 */
export async function createS3Client({ endpoint, region: named }: BucketPlace, env: Env): Promise<S3Client> {
  const config: S3ClientConfig = {
    endpoint,
    // Bytes are proved by their names, and many servers know no other checksum of the SDK.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
  // This client is only asked which settings it finds: path style has to be chosen before the first request.
  const found = new S3Client(config).config;
  const isOwnEndpoint = (endpoint ?? (await found.serviceConfiguredEndpoint?.())) !== undefined;
  const region = named ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? (await found.region().catch(() => ANY_REGION));
  return new S3Client({ ...config, region, forcePathStyle: isOwnEndpoint });
}

/** Why a request or the search for credentials failed, in words without a secret. */
export function reasonOf(error: unknown, { AWS_PROFILE: profile }: Env): string {
  if (!(error instanceof Error)) throw error;
  if (error instanceof S3ServiceException) return `it answered ${error.$metadata.httpStatusCode}: ${error.name}`;
  if (error.name === 'CredentialsProviderError' || error.name === 'TokenProviderError')
    return [
      `no AWS credentials were found${profile === undefined ? '' : ` for the profile "${profile}"`} (${error.message})`,
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a profile of your AWS credentials file',
    ].join('; ');
  return 'code' in error ? `it could not be reached (${String(error.code)})` : error.message;
}
