import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;

/**
 * The earlier of the local clock and the file system's, in epoch ms. Another machine's clock may stamp the files and
 * run behind, so a file is written in `folder` to read it.
 */
export function earliestNowMs(folder: string): number {
  const nowMs = Date.now();
  try {
    const probe = join(folder, 'cache.clock');
    const file = openSync(probe, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o666);
    writeSync(file, '.');
    closeSync(file);
    return Math.min(nowMs, statSync(probe).mtimeMs);
  } catch {
    return nowMs;
  }
}
