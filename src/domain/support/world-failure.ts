import type { Failure } from '../failure.js';
import { brokenRegistry } from './broken-registry.js';
import { err, ok, type Result } from './result.js';
import { reasonOf, systemCode } from './system-error.js';

/** What a disk, a permission or a limit of the system says. A path that is wrong (ENOENT, EEXIST) may be a bug and is not here. */
const OF_THE_WORLD = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE', 'ENOMEM', 'EBUSY', 'ETXTBSY'],
  ...['ENAMETOOLONG', 'ELOOP', 'ENOTDIR', 'ESTALE', 'ENOTCONN', 'ENODEV', 'ENXIO', 'EMLINK', 'EXDEV', 'ETIMEDOUT'],
]);

/** Calls that only read. `open` may do both: its own errors tell a write by the error, or by nothing. */
const READING = new Set([
  'open',
  'read',
  'stat',
  'lstat',
  'fstat',
  'scandir',
  'opendir',
  'readlink',
  'access',
  'realpath',
]);
const WRITING_ERRORS = new Set(['EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG']);

/** The failure for an exception that the disk or the system caused, in the registry or in a file. `undefined`: it may be a bug. */
export const worldFailure = (error: unknown): Failure | undefined => brokenRegistry(error) ?? diskFailure(error);

function diskFailure(error: unknown): Failure | undefined {
  const errno = systemCode(error) ?? '';
  if (!(error instanceof Error)) return undefined;
  const { path, syscall } = error as Error & { readonly path?: string; readonly syscall?: string };
  // Node says so of a folder with parents whose making the disk refused
  const isUnmade = errno === 'ENOENT' && syscall === 'mkdir';
  if (isUnmade) return { code: 'file-unwritable', path: path ?? '.refit', reason: 'the folder could not be made' };
  if (!OF_THE_WORLD.has(errno)) return undefined;
  // an error of another kind, such as of a socket
  if (syscall === undefined || SOCKETS.has(syscall)) return undefined;
  const isReading = READING.has(syscall) && !WRITING_ERRORS.has(errno);
  const code = isReading ? 'file-unreadable' : 'file-unwritable';
  return { code, path: path ?? 'a file of the workspace', reason: reasonOf(error) };
}

const SOCKETS = new Set(['connect', 'listen', 'bind', 'accept', 'getaddrinfo']);

/** Does the work. What the disk or the system refuses becomes a failure, a bug is thrown on. */
export async function onDisk<T>(work: () => Promise<T>): Promise<Result<T, Failure>> {
  try {
    return ok(await work());
  } catch (error) {
    const failure = worldFailure(error);
    if (failure === undefined) throw error;
    return err(failure);
  }
}
