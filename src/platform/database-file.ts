import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { requireRealFolders } from './real-folders.js';

/**
 * Creates the file of a database, empty, unless it is there. SQLite would create it with mode 0644; here the umask and the folder
 * decide, so that several users can share a workspace, and the files that SQLite puts beside it take the same mode. A link in its
 * place is not followed. Throws Node's errors.
 */
export function createDatabaseFile(path: string): void {
  requireRealFolders(dirname(path));
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o666));
}
