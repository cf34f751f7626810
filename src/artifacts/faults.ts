import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';

/** Node's code of a system error, `ENOSPC`; of anything else a bug, which is thrown on. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}

/** Errors that only a write meets: a failed copy that gives one of them was not the source's fault. */
export const WRITE_ONLY: ReadonlySet<string> = new Set(['ENOSPC', 'EROFS', 'EDQUOT', 'EFBIG', 'EEXIST', 'EXDEV']);

export const unreadable = (path: string, code: string): Failure => ({
  code: 'file-unreadable',
  path,
  reason: REASONS[code] ?? code,
});

export const unwritable = (path: string, code: string): Failure => ({
  code: 'file-unwritable',
  path,
  reason: REASONS[code] ?? code,
});

/** Runs what touches the world; a system error becomes `failed(code)`. */
export async function attempt<T>(
  run: () => T | Promise<T>,
  failed: (code: string) => Failure,
): Promise<Result<T, Failure>> {
  try {
    return ok(await run());
  } catch (error) {
    return err(failed(codeOf(error)));
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file',
  EINVAL: 'it is neither a file nor a folder',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is too large for the file system',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reported an input/output error',
  ELOOP: 'too many symbolic links',
};
