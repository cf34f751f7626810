import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../domain/support/system-error.js';
import { requireRealFolders } from './real-folders.js';

/**
 * Creates the file of a database, empty, unless it is there. SQLite would create it with mode 0644; here the umask and the folder
 * decide, so that several users can share a workspace, and the files that SQLite puts beside it take the same mode. A link in its
 * place is not followed. Throws Node's errors.
 */
export function createDatabaseFile(path: string): void {
  requireRealFolders(dirname(path));
  mkdirSync(dirname(path), { recursive: true });
  // Closing a file frees all locks of this process on it, also those of an open database: one that is there is not opened.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) return;
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o666));
}

/**
 * Whether the file of a database is there. Throws Node's errors where this user cannot read it, or cannot find out: otherwise what
 * may not be read would look like an empty database. A pipe or device counts as unreadable.
 */
export function isDatabaseThere(path: string): boolean {
  try {
    // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (fstatSync(file).isFile()) return true;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
  throw Object.assign(new Error('it is not a regular file'), { code: 'not-a-file' });
}
