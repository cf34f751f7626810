import { resolve } from 'node:path';
import type { OpenRemote } from '../../domain/ports/remotes.js';
import type { OpenBucket } from '../../domain/ports/sources.js';
import type { Patience } from './s3-client.js';

/**
 * Opens remotes. Loads the code of each kind on first use. Credentials never come from refit's own files.
 */
export const createOpenRemote =
  (root: string, env: Record<string, string | undefined>, patience: Patience): OpenRemote =>
  async (target, { isMade, isEnding } = {}) => {
    if (target.kind === 'folder') {
      const { openFolderRemote } = await import('./folder.js');
      return openFolderRemote(resolve(root, target.path), { isMade });
    }
    hushSdk(env);
    const { openBucketRemote } = await import('./s3.js');
    const signal = isEnding === true ? new AbortController().signal : patience.signal;
    return openBucketRemote(target, env, { ...patience, signal });
  };

/** Opens buckets that datasets are read from, in the same way. */
export const createOpenBucket =
  (env: Record<string, string | undefined>, patience: Patience): OpenBucket =>
  async (place) => {
    hushSdk(env);
    const { openBucket } = await import('./bucket-objects.js');
    return openBucket(place, env, patience);
  };

/** The SDK would warn that later versions need a newer Node. */
function hushSdk(env: Record<string, string | undefined>): void {
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
}
