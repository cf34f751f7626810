import type { Failure } from '../failure.js';
import type { Result } from '../support/result.js';

/** The schedules of the user who runs refit: the crontab, and the units of the systemd user manager. */
export interface Schedules {
  /** Each byte is one character (Latin-1), so that lines in any encoding are written back as they were. Empty without one. */
  readonly readCrontab: () => Promise<Result<string, Failure>>;
  readonly writeCrontab: (text: string) => Promise<Result<void, Failure>>;
  /** The text of a unit file. Empty if there is none. */
  readonly readUnit: (name: string) => Promise<Result<string, Failure>>;
  /** Writes the unit files and starts the timer. */
  readonly installTimer: (units: Readonly<Record<string, string>>, timer: string) => Promise<Result<void, Failure>>;
  /** Stops the timer and removes the unit files. */
  readonly removeTimer: (units: readonly string[], timer: string) => Promise<Result<void, Failure>>;
  /** The folder of the workspace within its repository, for the services that clone it. `.` at its top, or without one. */
  readonly folderInRepository: () => string;
}
