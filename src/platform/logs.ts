import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logs } from '../domain/ports/platform.js';

/** Reads logs piece by piece: opened for each piece, so that a log that grows or goes is seen as it is. */
export const createLogs = (root: string): Logs => ({
  size: async (path) => (await stat(join(root, path)).catch(() => undefined))?.size,
  read: async (path, from, length) => {
    const file = await open(join(root, path), 'r').catch(() => undefined);
    if (file === undefined) return new Uint8Array();
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
});
