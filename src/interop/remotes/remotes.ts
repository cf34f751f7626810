import { resolve } from 'node:path';
import type { OpenRemote } from '../../domain/ports/remotes.js';

/** Opens remotes; each kind is loaded when it is used. Credentials come from the environment alone. */
export const createOpenRemote =
  (root: string, env: Readonly<Record<string, string | undefined>>): OpenRemote =>
  async (target, isMade) => {
    if (target.kind === 'folder') {
      const { openFolderRemote } = await import('./folder.js');
      return openFolderRemote(resolve(root, target.path), isMade);
    }
    const { openBucketRemote } = await import('./s3.js');
    return openBucketRemote(target, env);
  };
