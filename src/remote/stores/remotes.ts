import { resolve } from 'node:path';
import type { OpenRemote } from '../../domain/ports/remotes.js';

/** Opens remotes; each kind is loaded when it is used. Credentials come from the environment alone. */
export const createOpenRemote =
  (root: string, env: Record<string, string | undefined>): OpenRemote =>
  async (target, isMade) => {
    if (target.kind === 'folder') {
      const { openFolderRemote } = await import('./folder.js');
      return openFolderRemote(resolve(root, target.path), isMade);
    }
    // which Node its later versions need is no concern of who uses this one
    env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const { openBucketRemote } = await import('./s3.js');
    return openBucketRemote(target, env);
  };
