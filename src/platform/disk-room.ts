import { statfsSync } from 'node:fs';

/** So much SQLite needs for the files beside a database, and for the first rows. */
const LEAST_BYTES = 256 * 1024;

/** Whether the disk of an existing file or folder has no room for the registry. False where the file system does not say. */
export function isDiskFull(path: string): boolean {
  try {
    const { blocks, bavail, bfree, bsize } = statfsSync(path);
    // root may use what is reserved for it
    const free = process.getuid?.() === 0 ? bfree : bavail;
    return blocks > 0 && free * bsize < LEAST_BYTES;
  } catch {
    return false;
  }
}
