import type { LeftJob } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import { err, ok } from '../../../domain/support/result.js';
import { waitFor } from '../../../domain/support/wait.js';
import { settleBackups } from '../../settle-backups.js';
import { markCancelled } from '../job-folder.js';
import { forgetFolder, isKept, ownedBy, wasLeft, withFolder } from '../left-jobs.js';
import { isBackupOf } from '../open-jobs.js';
import type { KubernetesClient } from './client.js';
import { createJob, hasManifest, type KubernetesJob, type KubernetesJobs, wasCreated } from './executor.js';
import { podOf } from './judge-job.js';
import { isPodOver } from './judge-staged.js';

/** How long refit waits for the end of an unwanted job. */
const LONGEST_END_MS = 90_000;
const ASK_MS = 500;

/** A Job that a killed refit left: found by its name, which is made from run, step and attempt. */
export function createLeftKubernetesJob(services: Services, jobs: KubernetesJobs, job: KubernetesJob): LeftJob {
  const { record } = job;
  const { name } = record.kubernetes;
  const client = jobs.client(record.kubernetes);
  const backups = () => services.registry.runs.openBackups().filter((backup) => isBackupOf(job, backup));
  return {
    work: record.work,
    backups,
    adopt: async (run) => {
      if (!(wasLeft(services, record) || (await isKept(services, job)))) return ok(undefined);
      if (!(await hasManifest(services, job))) return ok(undefined);
      const state = await client.state([record.run]);
      if (!state.ok) {
        const reason = `the cluster cannot be asked whether the job that a killed refit has submitted still runs (${state.error.words})`;
        return err({ code: 'step-not-started', step: record.step, reason });
      }
      const isThere = state.value.jobs.has(name) || podOf(state.value, name) !== undefined;
      // The files in its store may be all that is known of the job.
      const inStore = await jobs.courier.lastTry(job);
      if (!inStore.ok) return inStore;
      if (!isThere && inStore.value < 0) {
        if (await wasCreated(services, job)) return ok(undefined);
        // Its creation may still be in progress. The same name cannot be created twice.
        const created = await createJob(services, client, job);
        if (!created.ok) return err({ code: 'step-not-started', step: record.step, reason: created.error.words });
      }
      const owned = await ownedBy(services, job, run);
      if (!owned.ok) return owned;
      services.emit({
        type: 'warning',
        code: 'job-adopted',
        text: `goes on with Kubernetes job ${name} of step "${record.step}", which a refit that was killed had submitted`,
      });
      return ok(withFolder(services, job.folder, jobs.follow(owned.value)));
    },
    discard: async () => {
      if (record.store !== undefined) await markCancelled(services, job);
      await jobs.courier.cancel(job);
      if (!(await client.remove([name]))) {
        const reason = `the cluster cannot be told to delete job ${name} of an earlier run, which may still write into the workspace; if that cluster is gone for good, remove ${job.folder}/${job.task}`;
        return err({ code: 'step-not-started', step: record.step, reason });
      }
      await waitForEnd(services, client, job);
      await settleBackups(services, backups());
      await jobs.courier.forget(job);
      await forgetFolder(services, job);
      await jobs.courier.close();
      return ok(undefined);
    },
  };
}

async function waitForEnd(
  { clock }: Pick<Services, 'clock'>,
  client: KubernetesClient,
  { record }: KubernetesJob,
): Promise<void> {
  const { name } = record.kubernetes;
  for (const until = clock.monotonicMs() + LONGEST_END_MS; clock.monotonicMs() < until; await waitFor(ASK_MS)) {
    const state = await client.state([record.run]);
    if (!state.ok) continue;
    const pod = podOf(state.value, name);
    const isOver = isPodOver(pod) || (record.store === undefined && pod?.exit !== undefined);
    if (!state.value.jobs.has(name) && isOver) return;
  }
}
