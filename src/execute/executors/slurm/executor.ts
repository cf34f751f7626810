import type { RemoteTarget } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { RunId, WorkspacePath } from '../../../domain/ids.js';
import type { SlurmSettings } from '../../../domain/pipeline/executor.js';
import type { CollectedJob, Executor, SubmittedJob } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import { hasSucceeded, type ProcessOutcome } from '../../../domain/runs/run.js';
import { STORE_UNREACHABLE } from '../../../domain/runs/staged-job.js';
import { err, ok } from '../../../domain/support/result.js';
import { waitFor } from '../../../domain/support/wait.js';
import {
  folderOfRun,
  markCancelled,
  nodeContainers,
  outputOf,
  readResult,
  removeTask,
  taskName,
} from '../job-folder.js';
import { shownLog, tailOf } from '../shown-log.js';
import { type Courier, createCourier } from '../staging/courier.js';
import { stagingFailure } from '../staging/staging-failure.js';
import { createStores } from '../staging/stores.js';
import { unsent } from '../staging/submit.js';
import { createSlurmClient, type SlurmClient } from './client.js';
import type { Ending } from './judge-job.js';
import { createSubmissions, type TakenJob } from './submit.js';
import { createJobWatch, type JobWatch } from './watch.js';

/** What the jobs of one run have in common. */
export interface SlurmJobs {
  readonly client: SlurmClient;
  readonly courier: Courier;
  /** The executor that submits with these settings. */
  readonly executor: (settings: SlurmSettings) => Executor;
  /** A job that Slurm has taken, now or for a refit that was killed. */
  readonly follow: (job: TakenJob, restart: number) => SubmittedJob;
}

/** The jobs of one run in Slurm. `remotes`: those of refit.yaml by name, for nodes that do not see the workspace. */
export function createSlurmJobs(
  services: Services,
  run: RunId,
  remotes: Readonly<Record<string, RemoteTarget>> = {},
): SlurmJobs {
  const client = createSlurmClient(services);
  const open = createStores(services);
  const courier = createCourier(services, open);
  const submissions = createSubmissions(services, { client, open, remotes }, run);
  const watch = createJobWatch(services, { client, courier }, ({ record }, restart) =>
    shownLog(services, record.step, record.tries[restart]?.logPath),
  );
  const follow = (job: TakenJob, restart: number): SubmittedJob =>
    followed(services, { watch, courier, doubtStore: submissions.doubtStore }, job, restart);
  return {
    client,
    courier,
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
        if (taken.ok) return ok(follow(taken.value, 0));
        return typeof taken.error === 'string' ? err(taken.error) : ok(unsent(request, taken.error));
      },
    }),
  };
}

interface Followed {
  readonly watch: JobWatch;
  readonly courier: Courier;
  readonly doubtStore: () => void;
}

function followed(services: Services, by: Followed, job: TakenJob, restart: number): SubmittedJob {
  const { watch, courier } = by;
  const { record, id } = job;
  const current = record.tries[restart] ?? record.tries.at(-1);
  if (current === undefined) throw new Error(`internal error: job ${id} has no tries`);
  let ending: Ending | undefined;
  /** The job may still run, so the files that lead to it stay. */
  let isLeft = false;
  const leave = (problem: string): void => {
    isLeft = true;
    services.emit({ type: 'warning', code: 'job-left', text: problem });
  };
  const isLastTry = ({ isRequeued }: Ending): boolean => isRequeued !== true || record.tries[restart + 1] === undefined;
  const tryAgain = `: the next run tries again; or type "scancel ${id}"`;
  const cancel = async (): Promise<void> => {
    await markCancelled(services, job);
    await courier.cancel(job);
    if (!(await watch.cancel(job))) leave(`Slurm cannot be told to cancel job ${id}${tryAgain}`);
  };
  return {
    ...current,
    job: { engine: 'slurm', id },
    watch: async (observer) => {
      ending = await watch.ended(job, restart, observer);
      if (ending.isLeft === true) leave(`Slurm was told to cancel job ${id}, which has not ended${tryAgain}`);
      if (ending.isKept === true) leave(`what Slurm job ${id} made is still in its remote: the next run collects it`);
      const isOver = isLastTry(ending);
      // Slurm has put the job back into the queue although no try is left.
      if (isOver && ending.isRequeued === true) await cancel();
      if (isOver && ending.outcome?.kind === 'job-ended') await endCopy(services, courier, { job, restart });
    },
    cancel,
    collect: async () => {
      if (ending === undefined) throw new Error(`internal error: job ${id} is collected before its end`);
      const outcome = ending.outcome ?? (await notStarted(services, job, ending));
      const failure = ending.failure ?? unreachedBy(job, ending);
      if (failure?.code === 'staging-failed') by.doubtStore();
      const isGood = hasSucceeded(outcome);
      await warnOfContainers(services, job, current.number);
      const collected: CollectedJob = {
        outcome,
        durationMs: ending.durationMs ?? 0,
        tail: isGood ? [] : await tailOf(services, current.logPath),
        ...(failure === undefined ? {} : { failure }),
        job: { engine: 'slurm', id, ...(ending.node === undefined ? {} : { node: ending.node }) },
      };
      return isLastTry(ending) ? collected : { ...collected, next: followed(services, by, job, restart + 1) };
    },
    // The files lead the next command to a job that may still run.
    forget: async () => {
      if (isLeft) return courier.halt(job);
      await courier.forget(job);
      await removeTask(services, job);
    },
  };
}

/** The program on the node has ended without a word of its container. */
async function warnOfContainers(
  services: Pick<Services, 'files' | 'emit'>,
  { folder, record }: TakenJob,
  attempt: number,
): Promise<void> {
  for (const { name, engine, node, step, number } of await nodeContainers(services, folder))
    if (step === record.step && number === attempt)
      services.emit({
        type: 'warning',
        code: 'container-left',
        text: `the container ${name} of step "${step}" may still run on node ${node}: a later attempt on that node ends it; or type there "${engine} rm --force ${name}"`,
      });
}

/** How long refit waits for the result of a copy on a lost node. A dead node writes none. */
const LAST_WORD_MS = 4000;
const LOOK_MS = 200;

/** A node that Slurm cannot reach may go on with the step: its copy ends before refit puts the old outputs back. */
async function endCopy(
  services: Services,
  courier: Courier,
  { job, restart }: { readonly job: TakenJob; readonly restart: number },
): Promise<void> {
  await markCancelled(services, job);
  await courier.cancel(job);
  // A copy on a node that does not see the workspace cannot change it.
  if (job.record.store !== undefined) return;
  for (let waitedMs = 0; waitedMs < LAST_WORD_MS; waitedMs += LOOK_MS) {
    if ((await readResult(services, job, restart)) !== undefined) return;
    await waitFor(LOOK_MS);
  }
}

/** The program on the node has said by its exit code that it could not use the store. */
function unreachedBy({ record }: TakenJob, { outcome, exitCode, node }: Ending): Failure | undefined {
  const { step, store } = record;
  if (outcome !== undefined || store === undefined || exitCode !== STORE_UNREACHABLE) return undefined;
  const reason = 'the program of refit on the node could not read or write there';
  return stagingFailure(
    { step, store },
    { doing: 'fetch', path: 'the order of the job', cause: 'unreachable', reason },
    node,
  );
}

/** The outcome of a job whose node could not start the program of refit. Slurm's own words say why. */
async function notStarted(services: Services, job: TakenJob, { exitCode, node }: Ending): Promise<ProcessOutcome> {
  if (job.record.store !== undefined) {
    const place = `${services.surroundings.binFolder}/refit-job.js`;
    const reason = `Slurm job ${job.id}${node === undefined ? '' : ` on ${node}`}: the program of refit has put no result into the store (exit code ${exitCode ?? 'unknown'}); are Node.js and refit installed there under the same paths as here (${place})?`;
    return { kind: 'not-started', reason };
  }
  const said = await tailOf(services, outputOf(job));
  const reason =
    said.length === 0 ? 'it ended before refit on the node could write a result' : said.slice(-3).join('; ');
  return { kind: 'not-started', reason: `Slurm job ${job.id}: ${reason}` };
}
