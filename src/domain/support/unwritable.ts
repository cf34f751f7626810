import type { Failure } from '../failure.js';
import { reasonOf, systemCode } from './system-error.js';

const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS', 'ELOOP']);
const WRITING = new Set(['mkdir', 'mkdtemp', 'rename', 'unlink', 'rmdir', 'symlink', 'link', 'chmod']);

/** The failure for an exception of a place that this user may not write: not a bug. */
export function unwritable(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !FORBIDDEN.has(systemCode(error) ?? '')) return undefined;
  const { path, syscall } = error as Error & { readonly path?: string; readonly syscall?: string };
  if (path === undefined || !WRITING.has(syscall ?? '')) return undefined;
  return { code: 'file-unwritable', path, reason: reasonOf(error) };
}
