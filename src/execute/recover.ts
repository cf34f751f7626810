import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { OutputBackup } from '../domain/ports/records/run-records.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { isRunId, makerOf } from '../domain/support/scratch-name.js';
import { systemCode } from '../domain/support/system-error.js';
import { removeAbandoned } from './containers/container-records.js';
import { isBackupOf, openJobs } from './executors/open-jobs.js';
import { settleBackups } from './settle-backups.js';

/**
 * Repairs what a crash left, under the pipeline's lock, or beside other runs, which are left alone: ends processes of a dead
 * run, marks the run `lost`, and moves outputs back. An error means that a process of a dead run is still alive, so nothing may be started.
 */
export async function recover(services: Services, pipeline: Pick<Pipeline, 'name'>): Promise<Result<void, Failure>> {
  const { runs } = services.registry;
  // First: the processes in a container end with it.
  await removeAbandoned(services, pipeline.name);
  for (const { run, attempts } of runs.unfinished()) {
    // The locks prove that no other refit works on the run, whatever a reused pid suggests.
    if (run.pipeline !== pipeline.name || services.locks.isRunHeld(run.id)) continue;
    for (const attempt of attempts)
      if (attempt.process !== undefined) await services.processes.endOrphan(attempt.process, run.id);
    // Also ends processes whose pid was not recorded before the kill, and those that left the step's group.
    const pids = await services.processes.endRun(run.id);
    if (pids.length > 0) return err({ code: 'orphans-alive', run: run.id, pids });
    runs.markLost(run.id, services.clock.now());
    services.locks.forgetRun(run.id);
    services.emit({
      type: 'warning',
      code: 'lost-run',
      text: `run ${run.id} ended without a word (crash or kill): marked lost`,
    });
  }
  // A job of an engine outlives refit, and works on its outputs.
  const jobs = await openJobs(services, pipeline.name);
  const isWorkedOn = (backup: OutputBackup): boolean => jobs.some((job) => isBackupOf(job, backup));
  const backups = runs.openBackups().filter((backup) => {
    // Outputs of another pipeline are restored by the holder of that pipeline's lock.
    const run = runs.get(backup.run);
    return run?.pipeline === pipeline.name && run.status !== 'running' && !isWorkedOn(backup);
  });
  await settleBackups(services, backups);
  await removeLeftovers(services);
  return ok(undefined);
}

/**
 * Deletes scratch folders and set-aside outputs of processes that no longer exist and have nothing to restore. Names that refit
 * does not give are left alone.
 */
async function removeLeftovers({ registry, files, processes }: Services): Promise<void> {
  for (const name of await files.listFolder('.refit/tmp')) {
    const pid = makerOf(name);
    if (pid !== undefined && !processes.isPidInUse(pid)) await removeLeftover(files, `.refit/tmp/${name}`);
  }
  // A run that goes on with the job of a killed one has taken over what that had set aside.
  const needed = new Set(
    registry.runs.openBackups().flatMap(({ run, asidePath }) => [run as string, asidePath?.split('/')[2] ?? '']),
  );
  for (const run of await files.listFolder('.refit/aside'))
    if (isRunId(run) && !needed.has(run) && registry.runs.find(run)[0]?.status !== 'running')
      await removeLeftover(files, `.refit/aside/${run}`);
}

/** A leftover does no harm, and another user's cannot be removed. */
async function removeLeftover(files: Services['files'], path: string): Promise<void> {
  try {
    await files.remove(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}
