import type { RemoteStore } from '../../../domain/ports/remotes.js';
import { type StagedHandOff, stagedNames } from '../../../domain/runs/staged-job.js';

/**
 * Removes a job from a store. A copy of the job may still run on a node that cannot be reached, and would take an empty
 * folder for an unmounted share. So the mark that the job is cancelled stays, unless every copy has put its result.
 */
export async function forgetTask(
  store: RemoteStore,
  at: StagedHandOff,
  { task, isCancelled }: { readonly task: string; readonly isCancelled: boolean },
): Promise<void> {
  const folder = stagedNames.task(at, task);
  const listed = await store.list(folder);
  if (!listed.ok) return;
  const names = new Set(listed.value.map(({ name }) => name));
  const claimed = [...names].flatMap((name) => /\/claim\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const mayStart = claimed.length === 0 && isCancelled;
  if (!mayStart && claimed.every((restart) => names.has(stagedNames.result(at, task, restart)))) {
    await store.clear(folder);
    return;
  }
  const kept = stagedNames.cancelled(at, task);
  if (!names.has(kept)) {
    const put = await store.putBytes(kept, '');
    if (!put.ok) return;
  }
  for (const name of names) if (name !== kept) await store.drop(name);
}

/** Removes the rest of a run whose jobs are all forgotten. */
export async function forgetRun(store: RemoteStore, at: StagedHandOff): Promise<void> {
  const folder = stagedNames.run(at);
  const listed = await store.list(folder);
  if (!listed.ok) return;
  const rest = listed.value.filter(({ name }) => !name.endsWith('/cancelled'));
  if (rest.length === listed.value.length) await store.clear(folder);
  else for (const { name } of rest) await store.drop(name);
}
