import type { OutputBackup } from '../domain/ports/records/run-records.js';
import type { Services } from '../domain/ports/services.js';
import { reasonOf, systemCode } from '../domain/support/system-error.js';

type NeededServices = Pick<Services, 'registry' | 'files' | 'emit'>;

/** Puts the outputs of a dead run's step right, and closes the journal. */
export async function settleBackups(
  services: NeededServices,
  backups: readonly (OutputBackup & { readonly id: number })[],
): Promise<void> {
  // An output set aside is needed as long as it could not be put back.
  for (const backup of backups)
    if ((await settleOrReport(services, backup)) || backup.asidePath === undefined)
      services.registry.runs.closeBackup(backup.id);
}

/** A place that the file system refuses (too long, below a file, not permitted) must not stop every later run. */
async function settleOrReport(services: NeededServices, backup: OutputBackup): Promise<boolean> {
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
async function settleBackup({ registry, files }: NeededServices, backup: OutputBackup): Promise<void> {
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
