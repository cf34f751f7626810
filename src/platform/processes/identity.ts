import type { ProcessIdentity } from '../../domain/runs/run.js';
import { bootId, isEnded, startTimeOf, statOf } from './proc.js';

/** The kernel reuses pids. Together with start time, boot and PID namespace a pid identifies one process for ever. */
export const identityOf = (pid: number): ProcessIdentity => ({
  pid,
  startTime: startTimeOf(pid) ?? '',
  bootId: bootId(),
});

/** Whether this very process runs and is visible from here. A zombie does not run. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs and belongs to another user
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  if (identity.startTime === '') return true;
  return !isEnded(statOf(identity.pid)) && startTimeOf(identity.pid) === identity.startTime;
}
