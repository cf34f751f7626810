import { type RemoteTarget, remoteUrl } from '../domain/exchange/remote.js';
import type { RunId } from '../domain/ids.js';
import type { ExecutorSettings } from '../domain/pipeline/executor.js';
import type { ListedFile } from '../domain/ports/remotes.js';
import type { Services } from '../domain/ports/services.js';
import { stagedNames } from '../domain/runs/staged-job.js';
import { definedOf } from '../domain/support/defined.js';
import { placedJobs } from '../execute/executors/job-folder.js';
import { knownArea, stagedRemote } from '../execute/executors/staging/stores.js';

/** What staged jobs have left in remotes. */
export interface StagedLeftovers {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Removes what jobs of this workspace have exchanged through remotes. Nothing of it is needed once no job is left: content that a later
 * job reads is put there again. A job that a killed refit left may still put something there, so everything stays.
 */
export async function removeStaged(
  services: Services,
  settings: ExecutorSettings | undefined,
  isApplied: boolean,
): Promise<StagedLeftovers> {
  const area = await knownArea(services);
  const isNeeded = (await placedJobs(services)).some(({ record }) => record.store !== undefined);
  if (area === undefined || isNeeded) return { files: 0, bytes: 0 };
  let [files, bytes] = [0, 0];
  for (const remote of storesOf(services, settings)) {
    const opened = await services.openRemote(remote);
    const listed = opened.ok ? await opened.value.list(stagedNames.area(area)) : opened;
    const foreign = listed.ok ? foreignRun(services, area, listed.value) : undefined;
    if (foreign !== undefined) {
      warn(services, remote, `${foreign} is a run of another workspace`);
      continue;
    }
    const removed = opened.ok && listed.ok && isApplied ? await opened.value.clear(stagedNames.area(area)) : listed;
    if (!listed.ok || !removed.ok) {
      const reason = !listed.ok ? listed.error : removed.ok ? undefined : removed.error;
      warn(services, remote, reason !== undefined && 'reason' in reason ? String(reason.reason) : 'no answer');
      continue;
    }
    files += listed.value.length;
    bytes += listed.value.reduce((sum, { size }) => sum + size, 0);
  }
  return { files, bytes };
}

/** A run that this workspace has not made: the area is in use by another one as well. */
function foreignRun(
  { registry }: Pick<Services, 'registry'>,
  area: string,
  listed: readonly ListedFile[],
): string | undefined {
  const folder = `${stagedNames.area(area)}runs/`;
  const runs = listed.flatMap(({ name }) =>
    name.startsWith(folder) ? [name.slice(folder.length).split('/')[0] ?? ''] : [],
  );
  return runs.find((run) => registry.runs.get(run as RunId) === undefined);
}

function storesOf(services: Pick<Services, 'files'>, settings: ExecutorSettings = {}): readonly RemoteTarget[] {
  const { slurm = {}, kubernetes = {}, remotes = {} } = settings;
  const all = [slurm, kubernetes].flatMap((engine) => [
    engine,
    ...Object.values(engine.profiles ?? {}).map((profile) => ({ ...engine, ...definedOf(profile) })),
  ]);
  const stores = all.flatMap((one) => (one.staging === 'store' ? (stagedRemote(services, one, remotes) ?? []) : []));
  return [...new Map(stores.map((one) => [JSON.stringify(one), one])).values()];
}

function warn({ emit }: Pick<Services, 'emit'>, remote: RemoteTarget, reason: string): void {
  emit({
    type: 'warning',
    code: 'store-mute',
    text: `what jobs have left in ${remoteUrl(remote)} stays there (${reason}); the next gc tries again`,
  });
}
