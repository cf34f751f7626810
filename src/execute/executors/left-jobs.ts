import type { Failure } from '../../domain/failure.js';
import type { RunId } from '../../domain/ids.js';
import type { LeftJob, SubmittedJob } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import { jobFiles } from '../../domain/runs/job-files.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { waitFor } from '../../domain/support/wait.js';
import { settleBackups } from '../settle-backups.js';
import {
  commentOf,
  type JobRecord,
  jobIdOf,
  lastResult,
  markCancelled,
  ownersOf,
  type PlacedJob,
  readJobId,
  removeIfEmpty,
  removeTask,
  writeRecord,
} from './job-folder.js';
import { executionOf, isBackupOf } from './open-jobs.js';
import type { SlurmJobs } from './slurm/executor.js';
import { hasEnded, type QueuedJob } from './slurm/job-states.js';
import { LONGEST_END_MS } from './slurm/judge-job.js';

const ASK_MS = 300;

/** A Slurm job that a killed refit left. */
export function createLeftJob(services: Services, jobs: SlurmJobs, job: PlacedJob): LeftJob {
  const { record } = job;
  const { client } = jobs;
  return {
    work: record.work,
    backups: () => services.registry.runs.openBackups().filter((backup) => isBackupOf(job, backup)),
    adopt: async (run) => {
      if (!(wasLeft(services, record) || (await isKept(services, job)))) return ok(undefined);
      const found = await findJob(services, jobs, job);
      if (!found.ok) return found;
      if (found.value === undefined) return ok(undefined);
      const { id, restart } = found.value;
      const owned = await ownedBy(services, job, run);
      if (!owned.ok) return owned;
      services.emit({
        type: 'warning',
        code: 'job-adopted',
        text: `goes on with Slurm job ${id} of step "${record.step}", which an earlier run had submitted`,
      });
      const adopted = jobs.follow({ ...owned.value, id }, restart);
      return ok<SubmittedJob>(withFolder(services, job.folder, adopted));
    },
    discard: async () => {
      await markCancelled(services, job);
      await jobs.courier.cancel(job);
      const id = (await readJobId(services, job)) ?? idOf(await client.all(), job);
      if (id !== undefined) await endJob(services, jobs, id);
      await settleBackups(
        services,
        services.registry.runs.openBackups().filter((backup) => isBackupOf(job, backup)),
      );
      await jobs.courier.forget(job);
      await forgetFolder(services, job);
      await jobs.courier.close();
      return ok(undefined);
    },
  };
}

/** Whether a kill left the job's step in the middle. If the step's end is recorded, its job was to be cancelled. */
export function wasLeft(services: Pick<Services, 'registry'>, record: JobRecord): boolean {
  const before = ownersOf(record).findLast((owner) => executionOf(services, owner, record.step) !== undefined);
  return before !== undefined && executionOf(services, before, record.step)?.status === 'lost';
}

/**
 * Whether what a job made is still in its store, because the disk here refused it: its step has failed, and nobody has cancelled the
 * job. Refit writes no mark for that, because the disk that refuses a result may refuse a mark.
 */
export async function isKept(services: Pick<Services, 'registry' | 'files'>, job: PlacedJob): Promise<boolean> {
  const { record, folder, task } = job;
  const last = ownersOf(record).at(-1);
  if (record.store === undefined || last === undefined) return false;
  const isMarked = (await services.files.stat(`${folder}/${jobFiles.cancelled(task)}`)) !== undefined;
  return !isMarked && executionOf(services, last, record.step)?.status === 'failed';
}

/** The job as that of a run which goes on with it. Also writes its record. */
export async function ownedBy<T extends PlacedJob>(
  services: Pick<Services, 'files'>,
  job: T,
  run: RunId,
): Promise<Result<T, Failure>> {
  const owned = { ...job, record: { ...job.record, adoptedBy: [...job.record.adoptedBy, run] } };
  const written = await writeRecord(services, owned);
  return written.ok ? ok(owned) : written;
}

/** Removes the files of a job, and the folder of its run if no other job is left in it. */
export async function forgetFolder(services: Pick<Services, 'files'>, job: PlacedJob): Promise<void> {
  await removeTask(services, job);
  await removeIfEmpty(services, job.folder);
}

/** The folder of a run that is over is removed with its last job. */
export function withFolder(services: Services, folder: string, job: SubmittedJob): SubmittedJob {
  return {
    ...job,
    forget: async () => {
      await job.forget();
      await removeIfEmpty(services, folder);
    },
    collect: async () => {
      const { next, ...ended } = await job.collect();
      return next === undefined ? ended : { ...ended, next: withFolder(services, folder, next) };
    },
  };
}

interface FoundJob {
  readonly id: string;
  readonly restart: number;
}

/** `undefined`: it was never submitted, or has gone without a result. */
async function findJob(
  services: Services,
  { client, courier }: SlurmJobs,
  job: PlacedJob,
): Promise<Result<FoundJob | undefined, Failure>> {
  const known = await readJobId(services, job);
  const states = known === undefined ? await client.all() : await client.states([known]);
  const id = known ?? idOf(states, job);
  // What the job has put into its store may be all that is known of it. One that was not submitted has put nothing there.
  const inStore = id === undefined ? ok(-1) : await courier.lastTry(job);
  if (!inStore.ok) return inStore;
  const last = Math.max(inStore.value, await lastResult(services, job));
  const state = states?.find((one) => one.id === id);
  if (id !== undefined && (state !== undefined || last >= 0))
    return ok({ id, restart: Math.max(last, state === undefined ? 0 : state.restarts) });
  if (states !== undefined) return ok(undefined);
  const reason = 'Slurm cannot be asked whether the job that a killed refit has submitted still runs';
  return err({ code: 'step-not-started', step: job.record.step, reason });
}

/** A job whose id was not recorded is known by its comment. */
function idOf(states: readonly QueuedJob[] | undefined, { record }: PlacedJob): string | undefined {
  const comment = commentOf(record.run, record.batch);
  const base = states?.find((one) => one.comment === comment)?.id.replace(/_.*/, '');
  return base === undefined ? undefined : jobIdOf(base, record);
}

async function endJob({ clock }: Pick<Services, 'clock'>, { client }: SlurmJobs, id: string): Promise<void> {
  if (!(await client.cancel([id]))) return;
  for (const until = clock.monotonicMs() + LONGEST_END_MS; clock.monotonicMs() < until; await waitFor(ASK_MS)) {
    const state = (await client.states([id]))?.find((one) => one.id === id);
    if (state === undefined || hasEnded(state)) return;
  }
}
