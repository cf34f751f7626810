import type { RunId, WorkspacePath } from '../../../domain/ids.js';
import type { SlurmSettings } from '../../../domain/pipeline/executor.js';
import type { CollectedJob, Executor, SubmittedJob } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import type { ProcessOutcome } from '../../../domain/runs/run.js';
import { ok } from '../../../domain/support/result.js';
import { waitFor } from '../../../domain/support/wait.js';
import { shownLog, tailOf } from '../shown-log.js';
import { createSlurmClient, type SlurmClient } from './client.js';
import { folderOfRun, markCancelled, outputOf, readResult, removeTask, taskName } from './job-folder.js';
import type { Ending } from './judge-job.js';
import { createSubmissions, type TakenJob } from './submit.js';
import { createJobWatch, type JobWatch } from './watch.js';

/** What the jobs of one run have in common. */
export interface SlurmJobs {
  readonly client: SlurmClient;
  /** The executor that submits with these settings. */
  readonly executor: (settings: SlurmSettings) => Executor;
  /** A job that Slurm has taken, now or for a refit that was killed. */
  readonly follow: (job: TakenJob, restart: number) => SubmittedJob;
}

export function createSlurmJobs(services: Services, run: RunId): SlurmJobs {
  const client = createSlurmClient(services);
  const submissions = createSubmissions(services, client, run);
  const watch = createJobWatch(services, client, ({ record }, restart) =>
    shownLog(services, record.step, record.tries[restart]?.logPath),
  );
  const follow = (job: TakenJob, restart: number): SubmittedJob => followed(services, watch, job, restart);
  return {
    client,
    follow,
    executor: (settings) => ({
      isLocal: false,
      folderOf: async (step, attempt) => {
        const folder = `${folderOfRun(run)}/${taskName(step.name, attempt)}` as WorkspacePath;
        await services.files.makeFolder(folder);
        return folder;
      },
      submit: async (request) => {
        const taken = await submissions.submit(request, settings);
        return taken.ok ? ok(follow(taken.value, 0)) : taken;
      },
    }),
  };
}

function followed(services: Services, watch: JobWatch, job: TakenJob, restart: number): SubmittedJob {
  const { record, id } = job;
  const current = record.tries[restart] ?? record.tries.at(-1);
  if (current === undefined) throw new Error(`internal error: job ${id} has no tries`);
  let ending: Ending | undefined;
  let isOutOfReach = false;
  const leave = (problem: string): void => {
    isOutOfReach = true;
    const text = `${problem}: the next run tries again; or type "scancel ${id}"`;
    services.emit({ type: 'warning', code: 'job-left', text });
  };
  const cancel = async (): Promise<void> => {
    await markCancelled(services, job);
    if (!(await watch.cancel(job))) leave(`Slurm cannot be told to cancel job ${id}`);
  };
  return {
    ...current,
    job: { engine: 'slurm', id },
    watch: async (observer) => {
      ending = await watch.ended(job, restart, observer);
      if (ending.isLeft === true) leave(`Slurm was told to cancel job ${id}, which has not ended`);
      const isOver = ending.isRequeued !== true || record.tries[restart + 1] === undefined;
      // Back in the queue, and no try is left: it must not wait there.
      if (isOver && ending.isRequeued === true) await cancel();
      if (isOver && ending.outcome?.kind === 'job-ended') await endCopy(services, job, restart);
    },
    cancel,
    collect: async () => {
      if (ending === undefined) throw new Error(`internal error: job ${id} is collected before its end`);
      const outcome = ending.outcome ?? (await notStarted(services, job));
      const isGood = outcome.kind === 'exited' && outcome.exitCode === 0;
      const collected: CollectedJob = {
        outcome,
        durationMs: ending.durationMs ?? 0,
        tail: isGood ? [] : await tailOf(services, current.logPath),
        job: { engine: 'slurm', id, ...(ending.node === undefined ? {} : { node: ending.node }) },
      };
      const isLast = ending.isRequeued !== true || record.tries[restart + 1] === undefined;
      return isLast ? collected : { ...collected, next: followed(services, watch, job, restart + 1) };
    },
    // The files lead the next command to a job that may still run.
    forget: async () => (isOutOfReach ? undefined : removeTask(services, job)),
  };
}

/** How long refit waits for the word of a node that was lost. On one that is dead there is nobody to give it. */
const LAST_WORD_MS = 4000;
const LOOK_MS = 200;

/** A node that Slurm cannot reach may go on with the step: its copy ends before refit puts the old outputs back. */
async function endCopy(services: Services, job: TakenJob, restart: number): Promise<void> {
  await markCancelled(services, job);
  for (let waitedMs = 0; waitedMs < LAST_WORD_MS; waitedMs += LOOK_MS) {
    if ((await readResult(services, job, restart)) !== undefined) return;
    await waitFor(LOOK_MS);
  }
}

/** Slurm could not start the program of refit on the node: its own words say why. */
async function notStarted(services: Services, job: TakenJob): Promise<ProcessOutcome> {
  const said = await tailOf(services, outputOf(job));
  const reason =
    said.length === 0 ? 'it ended before refit on the node could write a result' : said.slice(-3).join('; ');
  return { kind: 'not-started', reason: `Slurm job ${job.id}: ${reason}` };
}
