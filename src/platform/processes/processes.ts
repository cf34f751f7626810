import type { Processes } from '../../domain/ports/platform.js';
import { JOB_OF_RUN } from '../../domain/runs/job.js';
import type { ProcessIdentity } from '../../domain/runs/run.js';
import { endFamily, type Family, signalFamily } from './groups.js';
import { identityOf, isAlive } from './identity.js';
import { memoryOfGroup } from './memory.js';
import { carries } from './proc.js';
import type { RunningFamilies } from './run.js';

const ORPHAN_GRACE_MS = 10_000;

export interface ProcessesOptions {
  /** Whether `onLine` is used at all. */
  readonly areLinesShown: boolean;
  /** Called before each process. */
  readonly beforeStart: () => void;
}

/** Each process gets a group of its own, which is ended as a whole. */
export function createProcesses(options: ProcessesOptions): Processes {
  const running: RunningFamilies = new Set();
  const killAll = (): void => {
    for (const family of running) signalFamily(family, 'SIGKILL');
  };
  // steps end with refit, unless refit is killed with SIGKILL
  process.once('exit', killAll);
  return {
    run: async ({ onLine, ...spec }) => {
      options.beforeStart();
      const { runProcess } = await import('./run.js');
      return runProcess({ ...spec, onLine: options.areLinesShown ? onLine : undefined }, running);
    },
    areLinesShown: options.areLinesShown,
    memoryOf: ({ pid }) => memoryOfGroup(pid),
    running: () => running.size,
    killAll,
    self: () => identityOf(process.pid),
    isAlive,
    isPidInUse: (pid) => isAlive(identityOf(pid)),
    endOrphan,
    endRun: (runId) => endFamily({ marks: [markOf(runId)], except: [jobMarkOf(runId)] }, ORPHAN_GRACE_MS),
  };
}

const markOf = (runId: string): string => `REFIT_RUN_ID=${runId}`;
const jobMarkOf = (runId: string): string => `${JOB_OF_RUN}=${runId}`;

/** Checks the mark besides the identity, so that it ends only a group that certainly belongs to that step. */
async function endOrphan(identity: ProcessIdentity, runId: string): Promise<'ended' | 'gone'> {
  if (!isAlive(identity) || !carries(identity.pid, [markOf(runId)])) return 'gone';
  const family: Family = { group: identity.pid, marks: [markOf(runId)], except: [jobMarkOf(runId)] };
  await endFamily(family, ORPHAN_GRACE_MS);
  return 'ended';
}
