import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';

/** Whether a run that is recorded as running has died without a word. A process of another container cannot be seen from here, but the lock that it holds can. */
export const isLost = ({ processes, locks }: Pick<Services, 'processes' | 'locks'>, run: Run): boolean =>
  run.status === 'running' && !processes.isAlive(run.process) && !locks.isHeld(run.pipeline);
