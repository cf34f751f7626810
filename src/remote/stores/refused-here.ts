import type { Failure } from '../../domain/failure.js';
import { systemCode, systemReason } from '../../domain/support/system-error.js';

/** No socket says these. */
const OF_DISKS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG']);

/** The failure for a file of this machine that could not be written while it was fetched: the remote is well. */
export function refusedHere(error: unknown, path: string): Failure | undefined {
  const code = systemCode(error) ?? '';
  const { path: named, syscall } = error as { readonly path?: string; readonly syscall?: string };
  const isOurs = named === path || (syscall === 'write' && OF_DISKS.has(code));
  return isOurs ? { code: 'file-unwritable', path, reason: systemReason(code) } : undefined;
}
