import type { JobObserver } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import type { EngineJob } from '../../../domain/runs/job.js';
import { type JobResult, jobFiles } from '../../../domain/runs/job-files.js';
import { waitFor } from '../../../domain/support/wait.js';
import type { LogCopy } from '../../log-copy.js';
import type { SlurmClient } from './client.js';
import { readResult } from './job-folder.js';
import type { QueuedJob } from './job-states.js';
import { type Ending, judgeJob, type Seen } from './judge-job.js';
import type { TakenJob } from './submit.js';

export interface JobWatch {
  /** Resolves when this try of the job has ended. */
  readonly ended: (job: TakenJob, restart: number, observer: JobObserver) => Promise<Ending>;
  /** Tells Slurm to end a job; false if it cannot be told. `ended` then resolves as well. */
  readonly cancel: (job: TakenJob) => Promise<boolean>;
}

interface Watched {
  readonly job: TakenJob;
  readonly restart: number;
  readonly observer: JobObserver;
  readonly log: LogCopy | undefined;
  readonly resolve: (ending: Ending) => void;
  readonly reject: (error: unknown) => void;
  seen: Seen;
  node: string;
}

/** A folder is listed this often at first, and less often the longer nothing happens. */
const FIRST_LOOK_MS = 60;
const LONGEST_LOOK_MS = 2000;
/** The controller answers one call for all jobs this often at most. */
const FIRST_ASK_MS = 1000;
const LONGEST_ASK_MS = 30_000;
/** Where something is known to have happened: a job was told to end, or is no longer in the queue. */
const SOON_MS = 300;
/** Jobs that are cancelled together are one call. */
const GATHER_MS = 20;

/**
 * Watches all jobs of a run. The files that the jobs write are looked at first: they cost the controller nothing. It is asked in
 * one call for all jobs, less often the longer nothing happens.
 */
export function createJobWatch(
  services: Pick<Services, 'files' | 'clock' | 'emit'>,
  client: SlurmClient,
  copyLog: (job: TakenJob, restart: number) => LogCopy | undefined,
): JobWatch {
  const watched = new Set<Watched>();
  const now = (): number => services.clock.monotonicMs();
  let wake = new AbortController();
  let [lookMs, askMs, askedMs] = [FIRST_LOOK_MS, FIRST_ASK_MS, 0];
  let isLooking = false;
  let isMute = false;

  const settle = (one: Watched, ending: Ending): void => {
    watched.delete(one);
    one.resolve(ending);
  };
  const hurry = (): void => {
    [lookMs, askMs] = [FIRST_LOOK_MS, FIRST_ASK_MS];
    wake.abort();
  };

  const lookAtFiles = async (): Promise<void> => {
    const listed = new Map<string, ReadonlySet<string>>();
    for (const one of [...watched]) {
      const { folder, task } = one.job;
      const names = listed.get(folder) ?? new Set(await services.files.listFolder(`${folder}/results`));
      listed.set(folder, names);
      await one.log?.forward();
      const isThere = names.has(jobFiles.result(task, one.restart).slice('results/'.length));
      if (!isThere || one.seen.result !== undefined) continue;
      const result = await readResult(services, one.job, one.restart);
      if (result === undefined) continue;
      lookMs = FIRST_LOOK_MS;
      await one.log?.end();
      one.seen = { ...one.seen, result };
      if (!result.isTold) settle(one, endingOf(result));
    }
  };

  const askController = async (): Promise<void> => {
    const asking = [...watched];
    const states = await client.states(asking.map(({ job }) => job.id));
    askedMs = now();
    if (states === undefined && !isMute)
      services.emit({
        type: 'warning',
        code: 'slurm-mute',
        text: 'Slurm cannot be asked about the jobs; refit goes on waiting for their results',
      });
    isMute = states === undefined;
    if (states === undefined) return;
    const byId = new Map(states.map((state) => [state.id, state]));
    for (const one of asking) if (watched.has(one)) await take(one, byId.get(one.job.id));
  };

  /** What the controller says of one job. */
  const take = async (one: Watched, state: QueuedJob | undefined): Promise<void> => {
    if (state !== undefined && state.node !== '' && state.node !== one.node && state.restarts === one.restart) {
      one.node = state.node;
      const job: EngineJob = { engine: 'slurm', id: one.job.id, node: state.node };
      one.observer.onNode(job);
    }
    const isForgotten = state === undefined;
    const known = isForgotten && one.seen.goneSinceMs === undefined ? await client.accounted(one.job.id) : state;
    const { ending, seen } = judgeJob(one.seen, { state: known, restart: one.restart, nowMs: now() });
    one.seen = seen;
    if (ending === undefined) return;
    lookMs = FIRST_LOOK_MS;
    await one.log?.forward();
    await one.log?.end();
    settle(one, ending);
  };

  const isPressing = (): boolean =>
    [...watched].some(({ seen }) => seen.result !== undefined || seen.goneSinceMs !== undefined || seen.isCancelled);

  const look = async (): Promise<void> => {
    while (watched.size > 0) {
      await lookAtFiles();
      if (watched.size > 0 && now() - askedMs >= (isPressing() ? Math.min(SOON_MS, askMs) : askMs)) {
        await askController();
        askMs = Math.min(askMs * 1.5, LONGEST_ASK_MS);
      }
      wake = new AbortController();
      if (watched.size > 0) await waitFor(isPressing() ? FIRST_LOOK_MS : lookMs, wake.signal);
      lookMs = Math.min(lookMs * 1.06, LONGEST_LOOK_MS);
    }
  };

  const cancelling = gatherCancels(client);
  return {
    ended: (job, restart, observer) =>
      new Promise((resolve, reject) => {
        const log = copyLog(job, restart);
        watched.add({ job, restart, observer, log, resolve, reject, seen: {}, node: '' });
        // A job that has just been submitted ends in a second at the earliest: the queue is asked later than the files.
        if (askedMs === 0) askedMs = now();
        hurry();
        if (isLooking) return;
        isLooking = true;
        look()
          .catch((error: unknown) => {
            for (const one of watched) one.reject(error);
            watched.clear();
          })
          .finally(() => {
            isLooking = false;
          });
      }),
    cancel: async (job) => {
      const isTaken = await cancelling(job.id);
      for (const one of [...watched].filter((other) => other.job.id === job.id)) {
        one.seen = { ...one.seen, isCancelled: true };
        if (!isTaken) settle(one, { outcome: { kind: 'cancelled' } });
      }
      hurry();
      return isTaken;
    },
  };
}

const endingOf = ({ outcome, node, durationMs }: JobResult): Ending => ({ outcome, node, durationMs });

/** One call of scancel for all jobs that are cancelled at the same moment. */
function gatherCancels(client: SlurmClient): (id: string) => Promise<boolean> {
  let ids: string[] = [];
  let answer: Promise<boolean> | undefined;
  return (id) => {
    ids.push(id);
    answer ??= waitFor(GATHER_MS).then(() => {
      const all = ids;
      [ids, answer] = [[], undefined];
      return client.cancel(all);
    });
    return answer;
  };
}
