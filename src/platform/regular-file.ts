import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Texts that people or steps write are shorter. Data files are not read this way. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The bytes of a regular file, also through a link. A pipe would be waited for without end and a device may have no end, so
 * neither is read.
 */
export function readRegularFile(path: string, most = MOST_BYTES): Buffer {
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new Error('it is a folder');
    if (!stat.isFile()) throw new Error('it is not a regular file');
    if (stat.size > most) throw new Error(`it is larger than ${Math.floor(most / 1024 / 1024)} MiB`);
    return readUpTo(file, stat.size, most);
  } finally {
    closeSync(file);
  }
}

/** Reads to the end: the size of a file in /proc is 0, and a file may grow. */
function readUpTo(file: number, size: number, most: number): Buffer {
  let bytes = Buffer.allocUnsafe(size + 1);
  let length = 0;
  for (;;) {
    const read = readSync(file, bytes, length, bytes.length - length, null);
    length += read;
    if (read === 0) return bytes.subarray(0, length);
    if (length > most) throw new Error(`it is larger than ${Math.floor(most / 1024 / 1024)} MiB`);
    if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(Math.max(4096, length))]);
  }
}

/** The text of a regular file; fails as `readRegularFile` does. */
export const readRegularText = (path: string): string => readRegularFile(path).toString('utf8');

/** The start of a regular file of any size; empty for anything else. */
export function readRegularStart(path: string, bytes: number): string {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(file).isFile()) return '';
      const start = Buffer.allocUnsafe(bytes);
      return start.subarray(0, readSync(file, start, 0, bytes, 0)).toString('utf8');
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
