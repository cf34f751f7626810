import { remoteUrl } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { RemoteStore } from '../../../domain/ports/remotes.js';
import { stagedNames } from '../../../domain/runs/staged-job.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { type LogPiece, placeOf, type StagedJob } from './bring.js';
import type { OpenStore } from './stores.js';

/** Names of all files that the store of a job holds of the job's run. Fails if it holds none. */
export async function listRun(
  open: OpenStore,
  job: StagedJob,
): Promise<Result<{ readonly store: RemoteStore; readonly names: ReadonlySet<string> }, Failure>> {
  const opened = await open(job.record.store);
  if (!opened.ok) return opened;
  const listed = await opened.value.list(stagedNames.run(placeOf(job)));
  if (!listed.ok) return listed;
  if (listed.value.length === 0) return err(noOrders(job));
  return ok({ store: opened.value, names: new Set(listed.value.map(({ name }) => name)) });
}

/** The failure of a store that lists nothing. The orders of the jobs must be there until refit forgets the jobs. */
const noOrders = ({ record: { store } }: StagedJob): Failure => ({
  code: 'remote-unreachable',
  remote: remoteUrl(store.remote),
  reason: 'the orders of the jobs are not there (is the share mounted?); "refit doctor --repair" gives the jobs up',
});

/**
 * Adds the result of a try to the listed names if the store has it, because a list may be older than the result. The store
 * is not asked for a result that was fetched before.
 */
export async function withResult(
  store: RemoteStore,
  listed: ReadonlySet<string>,
  { job, restart }: { readonly job: StagedJob; readonly restart: number },
  brought: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const name = stagedNames.result(placeOf(job), job.task, restart);
  if (listed.has(name) || brought.has(name)) return listed;
  const size = await store.sizeOf(name);
  // If the store does not answer, the result may be there.
  return size.ok && size.value === undefined ? listed : new Set([...listed, name]);
}

/** The pieces of logs and the results of a job that are in the store and not here yet. */
export function newsOf({ record, task, folder }: StagedJob, names: ReadonlySet<string>, brought: ReadonlySet<string>) {
  const place = placeOf({ record, task, folder });
  const prefix = stagedNames.task(place, task);
  const logs: (LogPiece & { readonly restart: number })[] = [];
  for (const name of names) {
    const [, restart, from] = name.startsWith(prefix)
      ? (/^log\.(\d+)\.(\d+)$/.exec(name.slice(prefix.length)) ?? [])
      : [];
    const path = record.tries[Number(restart ?? -1)]?.logPath;
    if (path !== undefined) logs.push({ name, path, restart: Number(restart), from: Number(from) });
  }
  const restarts = [...record.tries.keys()].filter((restart) => {
    const name = stagedNames.result(place, task, restart);
    return names.has(name) && !brought.has(name);
  });
  return { logs: logs.sort((a, b) => a.restart - b.restart || a.from - b.from), restarts };
}
