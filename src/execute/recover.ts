import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { OutputBackup } from '../domain/ports/run-records.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { isRunId, makerOf } from '../domain/support/scratch-name.js';
import { reasonOf, systemCode } from '../domain/support/system-error.js';
import { removeAbandoned } from './containers/container-records.js';

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
  for (const backup of runs.openBackups()) {
    // Outputs of another pipeline are restored by the holder of that pipeline's lock.
    const run = runs.get(backup.run);
    if (run?.pipeline !== pipeline.name || run.status === 'running') continue;
    // An output set aside is needed as long as it could not be put back.
    if ((await settleOrReport(services, backup)) || backup.asidePath === undefined) runs.closeBackup(backup.id);
  }
  await removeLeftovers(services);
  return ok(undefined);
}

/** A place that the file system refuses (too long, below a file, not permitted) must not stop every later run. */
async function settleOrReport(services: Services, backup: OutputBackup): Promise<boolean> {
  try {
    await settleBackup(services, backup);
    return true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    const kept = backup.asidePath === undefined ? '' : `; what was there before is in ${backup.asidePath}`;
    services.emit({
      type: 'warning',
      code: 'output-not-restored',
      text: `the output ${backup.path} of the lost run ${backup.run} cannot be put right: ${reasonOf(error)}${kept}`,
    });
    return false;
  }
}

/** Restores outputs to what they were before the dead run's step, unless that step had already succeeded. */
async function settleBackup({ registry, files }: Services, backup: OutputBackup): Promise<void> {
  const execution = registry.runs.executions(backup.run).findLast((one) => one.step === backup.step);
  const hasSucceeded = execution?.status === 'succeeded';
  if (backup.asidePath === undefined) {
    // Nothing existed there before, so what exists now is incomplete.
    if (!hasSucceeded) await files.remove(backup.path);
  } else if ((await files.stat(backup.asidePath)) !== undefined) {
    if (hasSucceeded) await files.remove(backup.asidePath);
    else await files.move(backup.asidePath, backup.path);
  }
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
  const needed = new Set(registry.runs.openBackups().map((backup) => backup.run as string));
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
