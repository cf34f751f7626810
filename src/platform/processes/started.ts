import type { ProcessIdentity, ProcessOutcome } from '../../domain/runs/run.js';

/** A child of the process that started it. */
export interface Child {
  readonly pid: number;
  readonly exit: Promise<ProcessOutcome>;
}

/** A process that was started. */
export interface Started {
  readonly identity: ProcessIdentity;
  readonly exit: Promise<ProcessOutcome>;
}

/** What became of a process that ended by itself. */
export const outcomeOf = (exitCode: number | null, signal: string | null): ProcessOutcome =>
  signal === null ? { kind: 'exited', exitCode: exitCode ?? 1 } : { kind: 'signalled', signal };

/** Why a process could not be started, for people; `code`: the system's. */
export function notStarted(
  error: { readonly code?: string | undefined; readonly message: string },
  file: string,
): string {
  switch (error.code) {
    case 'ENOENT':
      return `"${file}" was not found on the PATH`;
    case 'EACCES':
      return `"${file}" is not executable`;
    case 'E2BIG':
      return 'its command and environment are too long for the system; hand over a folder or a list file';
    case 'EAGAIN':
      return 'the system allows no more processes';
    default:
      return error.message;
  }
}

/** The same where nobody could have read what the process says. */
export const logUnwritable = (error: unknown): string =>
  `its log cannot be written: ${error instanceof Error ? error.message : String(error)}`;
