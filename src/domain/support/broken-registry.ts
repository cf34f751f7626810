import type { Failure } from '../failure.js';

const WORLD = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|BUSY)/;

/** The failure for an exception of the registry: a full or broken disk is not a bug. */
export function brokenRegistry(error: unknown): Failure | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!(error instanceof Error) || !WORLD.test(code)) return undefined;
  return {
    code: isCorrupt(code) ? 'registry-corrupt' : 'registry-unusable',
    path: '.refit/registry.db',
    reason: error.message,
  };
}

/** Whether SQLite says that the file itself is damaged. */
export const isCorrupt = (code: string): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(code);
