import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Epoch ms. The clock that stamps files may be another machine's and run behind this one's: a file is written in `folder`,
 * and the earlier of both is taken.
 */
export function earliestNowMs(folder: string): number {
  const nowMs = Date.now();
  try {
    const probe = join(folder, 'cache.clock');
    const file = openSync(probe, 'w', 0o644);
    writeSync(file, '.');
    closeSync(file);
    return Math.min(nowMs, statSync(probe).mtimeMs);
  } catch {
    return nowMs;
  }
}
