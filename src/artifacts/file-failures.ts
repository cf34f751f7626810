import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { systemCode, systemReason } from '../domain/support/system-error.js';

/** Node's code of a system error, such as `ENOSPC`. Anything else is a bug and is thrown again. */
export function codeOf(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) throw error;
  return code;
}

/** Errors that only occur when writing. A copy that fails with one of them failed at its target, not its source. */
export const WRITE_ONLY: ReadonlySet<string> = new Set(['ENOSPC', 'EROFS', 'EDQUOT', 'EFBIG', 'EEXIST', 'EXDEV']);

/** The failure of a file that could not be read, from Node's code. */
export const unreadable = (path: string, code: string): Failure => ({
  code: 'file-unreadable',
  path,
  reason: systemReason(code),
});

/** The failure of a file that could not be written, from Node's code. */
export const unwritable = (path: string, code: string): Failure => ({
  code: 'file-unwritable',
  path,
  reason: systemReason(code),
});

/** Runs file operations. A system error becomes `failed(code)`. */
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
