import { z } from 'zod';
import { parseRemoteUrl, type RemoteTarget } from '../../../domain/exchange/remote.js';
import type { Reporter } from '../collect-diagnostics.js';

/**
 * `remotes` of `refit.yaml`: where push and pull go. There are no keys for credentials, which come from the
 * environment.
 */
export const remoteKeys = z.strictObject({
  url: z.string().min(1),
  endpoint: z.url().optional(),
  region: z.string().min(1).optional(),
});

export function buildRemotes(
  raw: Readonly<Record<string, z.infer<typeof remoteKeys>>>,
  path: readonly string[],
  report: Reporter,
): Readonly<Record<string, RemoteTarget>> {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, { url, endpoint, region }]) => {
      const target = parseRemoteUrl(url, {
        endpoint,
        region,
      });
      if (target !== undefined) return [[name, target] as const];
      report.at([...path, name, 'url'], {
        code: 'wrong-value',
        message: `"${url}" is no remote: it is a folder, or a bucket like s3://bucket/prefix`,
      });
      return [];
    }),
  );
}
