/** Node's code of a system error, such as `ENOSPC`. `undefined` for anything else. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** An operating system error in words without a path: `no space left on the disk`. Unknown codes stay as they are. */
export const systemReason = (code: string): string => REASONS[code] ?? code;

/** The operating system's reason, without the path, which the failure already contains. */
export function reasonOf(error: unknown): string {
  return REASONS[systemCode(error) ?? ''] ?? messageOf(error);
}

/** What was thrown, in its own words. JavaScript may throw anything, not only an `Error`. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * A folder that a broken disk holds, that this user may not list, or that this process has no descriptor for, must not look empty:
 * files would be overlooked.
 */
export const isOverlooked = (error: unknown): boolean =>
  /^(EIO|EACCES|EPERM|EMFILE|ENFILE|ENOMEM|ESTALE)$/.test(systemCode(error) ?? '');

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
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'it is a symbolic link, or lies behind too many or behind one that refit does not follow',
  EMFILE: 'too many open files; raise the limit (ulimit -n)',
  ENFILE: 'too many open files on this machine',
  ENOMEM: 'not enough memory',
  EBUSY: 'it is in use',
  ESTALE: 'the share has gone away',
  ENOTCONN: 'the share has gone away',
};
