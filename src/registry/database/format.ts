import { closeSync, openSync, readSync } from 'node:fs';
import { MIGRATIONS } from './migrations/index.js';

/** Where the header of an SQLite file holds `user_version`, which is the format of the registry. */
const OFFSET = 60;

/**
 * The format that a registry file names, read without SQLite, which would make files beside it. 0 if there is no such file.
 * A format that only the write-ahead log names is not seen here.
 */
export function formatInFile(path: string): number {
  const bytes = Buffer.alloc(OFFSET + 4);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, bytes, 0, bytes.length, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // SQLite says why it cannot be read.
    return 0;
  }
  return bytes.toString('latin1', 0, 15) === 'SQLite format 3' ? bytes.readUInt32BE(OFFSET) : 0;
}

/** Why a registry of this format cannot be used, and what to do; `undefined` if it can. */
export const newerThanKnown = (format: number): { readonly reason: string; readonly next: string } | undefined =>
  format <= MIGRATIONS.length
    ? undefined
    : {
        reason: `it was written by a newer refit (format ${format}, this one knows ${MIGRATIONS.length})`,
        next: 'use that refit here too, or a newer one; nothing was opened or changed',
      };
