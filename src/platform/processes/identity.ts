import type { ProcessIdentity } from '../../domain/runs/run.js';
import { bootId, isEnded, startTimeOf, statOf } from './proc.js';

/** A pid is used again by the kernel; with its start time, the boot and the PID namespace it names one process for ever. */
export const identityOf = (pid: number): ProcessIdentity => ({
  pid,
  startTime: startTimeOf(pid) ?? '',
  bootId: bootId(),
});

/** Of a process that ended before anybody asked when it had started. */
export const identityOfEnded = (pid: number): ProcessIdentity => ({ pid, startTime: 'ended', bootId: bootId() });

/** Whether that very process runs and can be seen from here; a zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  if (identity.startTime === '') return true;
  return !isEnded(statOf(identity.pid)) && startTimeOf(identity.pid) === identity.startTime;
}
