import { mkdir } from 'node:fs/promises';
import { messageOf } from '../domain/support/system-error.js';
import { UsageError } from './action.js';

/** Creates a folder named on the command line, with its parents. Returns its path. */
export async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(`the folder ${path} cannot be made: ${reason}`, 'choose another, or check its permissions');
  }
  return path;
}
