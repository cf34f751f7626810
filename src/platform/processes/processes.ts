import type { Processes } from '../../domain/ports/platform.js';
import type { ProcessIdentity } from '../../domain/runs/run.js';
import { endFamily, type Family, signalFamily } from './groups.js';
import { identityOf, isAlive } from './identity.js';
import { memoryOfGroup } from './memory.js';
import { carries } from './proc.js';
import { type RunningFamilies, runProcess } from './run.js';
import { startMany } from './start-many.js';

const ORPHAN_GRACE_MS = 10_000;

/** Subprocesses in process groups of their own, ended as a whole. `areLinesShown`: whether anybody watches `onLine`. */
export function createProcesses(options: { readonly areLinesShown: boolean }): Processes {
  const running: RunningFamilies = new Set();
  const starts = startMany();
  const killAll = (): void => {
    for (const family of running) signalFamily(family, 'SIGKILL');
  };
  // however refit goes, short of being killed itself, its steps go with it
  process.once('exit', killAll);
  return {
    expect: starts.expect,
    run: ({ onLine, ...spec }) =>
      runProcess(
        { ...spec, ...(options.areLinesShown && onLine !== undefined ? { onLine } : {}) },
        starts.start,
        running,
      ),
    memoryOf: ({ pid }) => memoryOfGroup(pid),
    running: () => running.size,
    killAll,
    self: () => identityOf(process.pid),
    isAlive,
    isPidInUse: (pid) => isAlive(identityOf(pid)),
    endOrphan,
    endRun: (runId) => endFamily({ marks: [markOf(runId)] }, ORPHAN_GRACE_MS),
  };
}

const markOf = (runId: string): string => `REFIT_RUN_ID=${runId}`;

/** The mark is asked for besides the identity: a group is only ended when it is surely that step's. */
async function endOrphan(identity: ProcessIdentity, runId: string): Promise<'ended' | 'gone'> {
  if (!isAlive(identity) || !carries(identity.pid, [markOf(runId)])) return 'gone';
  const family: Family = { group: identity.pid, marks: [markOf(runId)] };
  await endFamily(family, ORPHAN_GRACE_MS);
  return 'ended';
}
