import type { Pipeline } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';

/**
 * Repairs what a crash left, under the pipeline's lock: processes of a dead run are ended, the run becomes `lost`, outputs
 * that were moved aside come back.
 */
export async function recover(services: Services, pipeline: Pipeline): Promise<void> {
  const { runs } = services.registry;
  for (const { run, attempts } of runs.unfinished()) {
    if (run.pipeline !== pipeline.name || services.processes.isAlive(run.process)) continue;
    for (const attempt of attempts)
      if (attempt.process !== undefined) await services.processes.endOrphan(attempt.process, run.id);
    runs.markLost(run.id, services.clock.now());
    services.emit({
      type: 'warning',
      code: 'lost-run',
      text: `run ${run.id} ended without a word (crash or kill): marked lost`,
    });
  }
  for (const backup of runs.openBackups()) {
    if (runs.get(backup.run)?.status === 'running') continue;
    if ((await services.files.stat(backup.asidePath)) !== undefined)
      await services.files.move(backup.asidePath, backup.path);
    runs.closeBackup(backup.id);
  }
}
