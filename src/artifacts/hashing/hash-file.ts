import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ContentHash } from '../../domain/ids.js';
import { codeOf } from '../file-failures.js';
import { type FileStat, toFileStat } from './file-stat.js';

/** A file's hash with the stat from before reading, or Node's error code. */
export type FileHash =
  | { readonly kind: 'hashed'; readonly hash: ContentHash; readonly size: number; readonly stat: FileStat }
  | { readonly kind: 'unreadable'; readonly code: string };

const CHUNK = Buffer.allocUnsafe(1024 * 1024);

export const hashBytes = (bytes: string | Uint8Array): ContentHash => hash('sha256', bytes, 'hex') as ContentHash;

/**
 * Reads and hashes a regular file synchronously, with four system calls for a small one. `size` is the number of bytes
 * read. Other files are unreadable: `EISDIR` for a folder, `EINVAL` for a pipe or device, which never blocks here.
 */
export function hashFile(path: string): FileHash {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(file);
    if (!found.isFile()) return { kind: 'unreadable', code: found.isDirectory() ? 'EISDIR' : 'EINVAL' };
    return { kind: 'hashed', stat: toFileStat(found), ...hashOpen(file, found.size) };
  } catch (error) {
    return { kind: 'unreadable', code: codeOf(error) };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function hashOpen(file: number, expected: number): { readonly hash: ContentHash; readonly size: number } {
  let count = readSync(file, CHUNK, 0, CHUNK.length, null);
  if (count === expected && count < CHUNK.length) return { hash: hashBytes(CHUNK.subarray(0, count)), size: count };
  const digest = createHash('sha256');
  let size = 0;
  while (count > 0) {
    digest.update(CHUNK.subarray(0, count));
    size += count;
    count = readSync(file, CHUNK, 0, CHUNK.length, null);
  }
  return { hash: digest.digest('hex') as ContentHash, size };
}
