import { mkdir } from 'node:fs/promises';
import { UsageError } from './action.js';

/** Creates a folder named on the command line, with its parents. Returns its path. */
export async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the folder ${path} cannot be made: ${reason}`, 'choose another, or check its permissions');
  }
  return path;
}
