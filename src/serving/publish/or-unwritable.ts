import type { Failure } from '../../domain/failure.js';
import { err, type Result } from '../../domain/support/result.js';

/** Turns a full disk, a missing permission, or a folder in the place of a link into a failure with the path. */
export async function orUnwritable<T>(
  path: string,
  work: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    return err({ code: 'file-unwritable', path, reason: error.message.split(',')[0] ?? error.message });
  }
}
