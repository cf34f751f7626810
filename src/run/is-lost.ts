import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';

/**
 * Whether the process of a run that is recorded as running has died. A process in another container cannot be seen, but
 * the lock that it holds can.
 */
export const isLost = ({ processes, locks }: Pick<Services, 'processes' | 'locks'>, run: Run): boolean =>
  run.status === 'running' &&
  !processes.isAlive(run.process) &&
  !locks.isRunHeld(run.id) &&
  !locks.isHeld(run.pipeline);
