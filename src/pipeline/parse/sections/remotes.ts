import { z } from 'zod';
import { type ConfiguredRemote, parseRemoteUrl } from '../../../domain/exchange/remote.js';
import { parseDuration } from '../../../domain/support/time.js';

import type { Reporter } from '../collect-diagnostics.js';
import { timeout } from './notifications.js';

/**
 * `remotes` of `refit.yaml`: where push and pull go. There are no keys for credentials, which come from the
 * environment.
 */
export const remoteKeys = z.strictObject({
  url: z.string().min(1),
  endpoint: z.url().optional(),
  region: z.string().min(1).optional(),
  timeout: timeout.optional().describe('how long a bucket may be silent; default 30s'),
  signers: z
    .string()
    .min(1)
    .optional()
    .describe('file of allowed signers, as for ssh-keygen; other entries are refused'),
  signing_key: z
    .string()
    .min(1)
    .optional()
    .describe('SSH key that signs entries pushed from here; default REFIT_SIGNING_KEY'),
});

export function buildRemotes(
  raw: Readonly<Record<string, z.infer<typeof remoteKeys>>>,
  path: readonly string[],
  report: Reporter,
): Readonly<Record<string, ConfiguredRemote>> {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, { url, endpoint, region, signers, signing_key: signingKey, timeout }]) => {
      const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
      const target = parseRemoteUrl(url, { endpoint, region, timeoutMs });
      if (target !== undefined) return [[name, { ...target, signers, signingKey }] as const];
      report.at([...path, name, 'url'], {
        code: 'wrong-value',
        message: `"${url}" is no remote: it is a folder, or a bucket like s3://bucket/prefix`,
      });
      return [];
    }),
  );
}
