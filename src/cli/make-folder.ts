import { mkdir } from 'node:fs/promises';
import { UsageError } from './action.js';

/** Makes a folder named on the command line, parents included; returns its path. */
export async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the folder ${path} cannot be made: ${reason}`, 'choose another, or check its permissions');
  }
  return path;
}
