import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { OutputBackup } from '../domain/ports/run-records.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';

/**
 * Repairs what a crash left, under the pipeline's lock: processes of a dead run are ended, the run becomes `lost`, outputs
 * that were moved aside come back. An error: something of a dead run still works, so nothing may be started beside it.
 */
export async function recover(services: Services, pipeline: Pick<Pipeline, 'name'>): Promise<Result<void, Failure>> {
  const { runs } = services.registry;
  for (const { run, attempts } of runs.unfinished()) {
    // whoever holds the lock knows that nobody else works on the pipeline, whatever a pid seems to say
    if (run.pipeline !== pipeline.name) continue;
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
  await removeLeftovers(services);
  return ok(undefined);
}

/** Outputs become what they were before the dead run's step, unless that step had already succeeded. */
async function settleBackup({ registry, files }: Services, backup: OutputBackup): Promise<void> {
  const execution = registry.runs.executions(backup.run).findLast((one) => one.step === backup.step);
  const hasSucceeded = execution?.status === 'succeeded';
  if (backup.asidePath === undefined) {
    // nothing lay there before: what lies there now is half of something
    if (!hasSucceeded) await files.remove(backup.path);
  } else if ((await files.stat(backup.asidePath)) !== undefined) {
    if (hasSucceeded) await files.remove(backup.asidePath);
    else await files.move(backup.asidePath, backup.path);
  }
}

/** Scratch folders and outputs set aside by processes that are gone and have nothing more to give back. */
async function removeLeftovers({ registry, files, processes }: Services): Promise<void> {
  for (const name of await files.listFolder('.refit/tmp')) {
    const pid = Number(/-(\d+)-[^-]*$/.exec(name)?.[1]);
    if (!Number.isInteger(pid) || !processes.isPidInUse(pid)) await files.remove(`.refit/tmp/${name}`);
  }
  const needed = new Set(registry.runs.openBackups().map((backup) => backup.run as string));
  for (const run of await files.listFolder('.refit/aside'))
    if (!needed.has(run) && registry.runs.find(run)[0]?.status !== 'running') await files.remove(`.refit/aside/${run}`);
}
