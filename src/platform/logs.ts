import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logs } from '../domain/ports/platform.js';
import { realPathBelow } from './containment.js';

/**
 * Reads logs piece by piece: opened for each piece, so that a log that grows or goes is seen as it is. A stored path that does
 * not really lead into refit's folder of logs is no log.
 */
export const createLogs = (root: string): Logs => ({
  size: async (path) => {
    const real = realPathBelow(join(root, '.refit', 'logs'), join(root, path));
    const found = real === undefined ? undefined : await stat(real).catch(() => undefined);
    return found?.isFile() === true ? found.size : undefined;
  },
  read: async (path, from, length) => {
    const real = realPathBelow(join(root, '.refit', 'logs'), join(root, path));
    const file = real === undefined ? undefined : await open(real, 'r').catch(() => undefined);
    if (file === undefined) return new Uint8Array();
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
});
