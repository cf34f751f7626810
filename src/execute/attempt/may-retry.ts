import type { Failure } from '../../domain/failure.js';
import type { Retries } from '../../domain/pipeline/pipeline.js';

/** Signals with which a machine, a scheduler or a person ends a process. Others come from the process itself. */
const FROM_OUTSIDE = ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP'];

/** The exit codes with which a shell reports that its child was ended by one of these signals. */
const AS_EXIT_CODES = [143, 137, 130, 129];

/** Whether the step may be tried once more after `failed` attempts, the last of which ended with `failure`. */
export const mayRetry = ({ count, on }: Retries, failed: number, failure: Failure): boolean =>
  // A person has cancelled the job.
  failure.code !== 'step-cancelled' &&
  !isStillThere(failure) &&
  failed <= count &&
  (on === 'failure' || isFromOutside(failure));

/** Whether the command has succeeded, and only this machine could not take what it made: that stays in the store. */
const isStillThere = (failure: Failure): boolean =>
  failure.code === 'staging-failed' &&
  failure.node === undefined &&
  failure.cause === 'disk' &&
  failure.doing === 'fetch';

function isFromOutside(failure: Failure): boolean {
  if (failure.code === 'step-exited') return AS_EXIT_CODES.includes(failure.exitCode);
  if (failure.code === 'job-ended') return failure.reason !== 'out-of-memory';
  return failure.code === 'step-signalled' && FROM_OUTSIDE.includes(failure.signal);
}
