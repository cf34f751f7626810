import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline.js';
import type { OutputBackup } from '../domain/ports/registry.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { Run } from '../domain/run.js';

/**
 * Repairs what a crash left, under the pipeline's lock: processes of a dead run are ended, the run becomes `lost`, outputs
 * that were moved aside come back. An error: something of a dead run still works, so nothing may be started beside it.
 */
export async function recover(services: Services, pipeline: Pipeline): Promise<Result<void, Failure>> {
  const { runs } = services.registry;
  for (const { run, attempts } of runs.unfinished()) {
    if (run.pipeline !== pipeline.name || isWorkedOn(services, run)) continue;
    for (const attempt of attempts)
      if (attempt.process !== undefined) await services.processes.endOrphan(attempt.process, run.id);
    // also one whose pid was not recorded when refit was killed, and those that left the step's group
    const pids = await services.processes.endRun(run.id);
    if (pids.length > 0) return err({ code: 'orphans-alive', run: run.id, pids });
    runs.markLost(run.id, services.clock.now());
    services.emit({
      type: 'warning',
      code: 'lost-run',
      text: `run ${run.id} ended without a word (crash or kill): marked lost`,
    });
  }
  for (const backup of runs.openBackups()) {
    // another pipeline's outputs are put back by who holds that one's lock
    const run = runs.get(backup.run);
    if (run?.pipeline !== pipeline.name || run.status === 'running') continue;
    await settleBackup(services, backup);
    runs.closeBackup(backup.id);
  }
  return ok(undefined);
}

/** Whoever holds the lock knows that no other works on the pipeline; a run of this very process is then over, too. */
function isWorkedOn({ processes }: Services, { process }: Run): boolean {
  return processes.isAlive(process) && process.pid !== processes.self().pid;
}

/** What the dead run's step had moved aside comes back, unless that step had already succeeded. */
async function settleBackup({ registry, files }: Services, backup: OutputBackup): Promise<void> {
  if ((await files.stat(backup.asidePath)) === undefined) return;
  const execution = registry.runs.executions(backup.run).findLast((one) => one.step === backup.step);
  if (execution?.status === 'succeeded') await files.remove(backup.asidePath);
  else await files.move(backup.asidePath, backup.path);
}
