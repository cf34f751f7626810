import { closeSync, constants, lstatSync, openSync, statSync, writeFileSync } from 'node:fs';
import { reasonOf, systemCode } from '../domain/support/system-error.js';
import { realPlace } from './containment.js';
import { writeDurably } from './durable-files.js';

/**
 * Writes a result to the file that a user named, and returns why it cannot be written. A regular file appears whole or not at
 * all. A pipe or a device (`/dev/stdout`, `/dev/null`) is written to and never replaced.
 */
export async function writeResult(path: string, text: string): Promise<string | undefined> {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.isFile()) await writeDurably(realPlace(path), text);
    else writeInto(path, text);
    return undefined;
  } catch (error) {
    return systemCode(error) === 'ENXIO' ? 'it is a pipe that nobody reads' : reasonOf(error);
  }
}

/**
 * Why no result may be written there. A clone can bring a link under the name of a report, and a link to a folder of git or of another workspace. What the user named
 * is written, not what others want to be written.
 */
export function faultOfResult(path: string): string | undefined {
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const real = realPlace(path);
  // `/dev/stdout` is a link too; devices and pipes are never replaced
  if (link && statSync(path, { throwIfNoEntry: false })?.isFile() !== false && !path.startsWith('/dev/'))
    return `it is a link to ${real}: name that file, or remove the link`;
  const own = real.split('/').find((name) => /^\.(git|refit)$/i.test(name));
  return own === undefined ? undefined : `it lies in ${own}`;
}

function writeInto(path: string, text: string): void {
  // O_NONBLOCK: opening a pipe that nobody reads must not wait. The second descriptor waits for a slow reader.
  const asking = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    const file = openSync(path, constants.O_WRONLY);
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
  } finally {
    closeSync(asking);
  }
}
