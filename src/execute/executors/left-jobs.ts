import type { Failure } from '../../domain/failure.js';
import type { LeftJob, SubmittedJob } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { waitFor } from '../../domain/support/wait.js';
import { settleBackups } from '../settle-backups.js';
import type { SlurmJobs } from './slurm/executor.js';
import {
  commentOf,
  jobIdOf,
  lastResult,
  markCancelled,
  type PlacedJob,
  placedJobs,
  readJobId,
  removeIfEmpty,
  removeTask,
} from './slurm/job-folder.js';
import { hasEnded, type QueuedJob } from './slurm/job-states.js';

/**
 * A job of an engine outlives the refit that submitted it. The next run of the pipeline goes on with it where it does the same
 * work, so that nothing is submitted twice, and cancels it otherwise. Starts no process.
 *
 * These are the jobs of one pipeline whose run is over, and of which the registry does not hold the result. The caller holds the
 * lock of the pipeline.
 */
export async function openJobs(
  services: Pick<Services, 'files' | 'registry'>,
  pipeline: string,
): Promise<readonly PlacedJob[]> {
  const { runs } = services.registry;
  const open: PlacedJob[] = [];
  for (const job of await placedJobs(services)) {
    const { record } = job;
    if (record.pipeline !== pipeline || runs.get(record.run)?.status === 'running') continue;
    const execution = runs.executions(record.run).findLast((one) => one.step === record.step);
    if (execution?.status === 'succeeded') {
      await removeTask(services, job);
      await removeIfEmpty(services, job.folder);
    } else open.push(job);
  }
  return open;
}

/** How long the end of a job is waited for that is not wanted. Then its own look at its folder ends it. */
const LONGEST_END_MS = 60_000;
const ASK_MS = 300;

export function createLeftJob(services: Services, jobs: SlurmJobs, job: PlacedJob): LeftJob {
  const { record } = job;
  const { client } = jobs;
  const forgetFolder = async (): Promise<void> => {
    await removeTask(services, job);
    await removeIfEmpty(services, job.folder);
  };
  return {
    run: record.run,
    step: record.step,
    work: record.work,
    adopt: async () => {
      const { runs } = services.registry;
      const execution = runs.executions(record.run).findLast((one) => one.step === record.step);
      // A step whose end is recorded was not left in the middle: its job was to be cancelled.
      if (execution?.status !== 'lost') return ok(undefined);
      const found = await findJob(services, jobs, job);
      if (!found.ok) return found;
      if (found.value === undefined) return ok(undefined);
      const { id, restart } = found.value;
      services.emit({
        type: 'warning',
        code: 'job-adopted',
        text: `goes on with Slurm job ${id} of step "${record.step}", which a refit that was killed had submitted`,
      });
      const adopted = jobs.follow({ ...job, id }, restart);
      const forget = async (): Promise<void> => {
        await adopted.forget();
        await removeIfEmpty(services, job.folder);
      };
      return ok<SubmittedJob>({ ...adopted, forget });
    },
    discard: async () => {
      await markCancelled(services, job);
      const id = (await readJobId(services, job)) ?? idOf(await client.all(), job);
      if (id !== undefined) await endJob(services, jobs, id);
      const { runs } = services.registry;
      const mine = runs.openBackups().filter(({ run, step }) => run === record.run && step === record.step);
      await settleBackups(services, mine);
      await forgetFolder();
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
  { client }: SlurmJobs,
  job: PlacedJob,
): Promise<Result<FoundJob | undefined, Failure>> {
  const last = await lastResult(services, job);
  const known = await readJobId(services, job);
  const states = known === undefined ? await client.all() : await client.states([known]);
  const id = known ?? idOf(states, job);
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
