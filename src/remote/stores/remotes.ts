import { resolve } from 'node:path';
import type { OpenRemote } from '../../domain/ports/remotes.js';

/**
 * Opens remotes. Loads the code of each kind on first use. Credentials never come from refit's own files. `signal` ends what
 * waits for a server.
 */
export const createOpenRemote =
  (root: string, env: Record<string, string | undefined>, signal: AbortSignal): OpenRemote =>
  async (target, isMade) => {
    if (target.kind === 'folder') {
      const { openFolderRemote } = await import('./folder.js');
      return openFolderRemote(resolve(root, target.path), isMade);
    }
    // The SDK would warn that later versions need a newer Node.
    env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const { openBucketRemote } = await import('./s3.js');
    return openBucketRemote(target, env, signal);
  };
