import type { JobObserver } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import type { EngineJob } from '../../../domain/runs/job.js';
import { type JobResult, jobFiles } from '../../../domain/runs/job-files.js';
import { waitFor } from '../../../domain/support/wait.js';
import type { LogCopy } from '../../log-copy.js';
import { readResult } from '../job-folder.js';
import type { Courier } from '../staging/courier.js';
import type { SlurmClient } from './client.js';
import type { QueuedJob } from './job-states.js';
import { type Ending, judgeJob, overdue, type Seen, withoutGone } from './judge-job.js';
import type { TakenJob } from './submit.js';

export interface JobWatch {
  /** Resolves when this try of the job has ended. */
  readonly ended: (job: TakenJob, restart: number, observer: JobObserver) => Promise<Ending>;
  /** Tells Slurm to end a job; false if it cannot be told. `ended` then resolves as well. */
  readonly cancel: (job: TakenJob) => Promise<boolean>;
}

/** Where news of jobs comes from: Slurm's controller, and the stores. */
interface Asked {
  readonly client: SlurmClient;
  readonly courier: Courier;
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
/** The controller is asked this soon once something is known to have happened: a job was told to end, or has left the queue. */
const SOON_MS = 300;
/** Jobs that are cancelled within this time are one call. */
const GATHER_MS = 20;

type WatchServices = Pick<Services, 'files' | 'clock' | 'emit'>;

/**
 * Watches all jobs of a run. The files that the jobs write are looked at first: they cost the controller nothing. It is asked in
 * one call for all jobs, less often the longer nothing happens.
 */
export function createJobWatch(
  services: WatchServices,
  { client, courier }: Asked,
  copyLog: (job: TakenJob, restart: number) => LogCopy | undefined,
): JobWatch {
  const watched = new Set<Watched>();
  const pace = createPace(services.clock);
  const askController = createInquiry(services, { client, courier });
  const watch: Watch = { services, courier, watched, pace, askController };
  const cancelling = gatherCancels(client);
  let isWatching = false;

  const start = (): void => {
    if (isWatching) return;
    isWatching = true;
    watchAll(watch)
      .catch(async (error: unknown) => {
        const all = [...watched];
        watched.clear();
        for (const { job } of all) await courier.halt(job);
        for (const one of all) one.reject(error);
      })
      .finally(() => {
        isWatching = false;
      });
  };
  return {
    ended: (job, restart, observer) =>
      new Promise((resolve, reject) => {
        const log = copyLog(job, restart);
        watched.add({ job, restart, observer, log, resolve, reject, seen: {}, node: '' });
        pace.hurry();
        start();
      }),
    cancel: async (job) => {
      const isTaken = await cancelling(job.id);
      for (const one of [...watched].filter((other) => other.job.id === job.id)) {
        one.seen = { ...one.seen, cancelledAtMs: services.clock.monotonicMs() };
        if (!isTaken) settle(watch, one, { outcome: { kind: 'cancelled' } });
      }
      pace.hurry();
      return isTaken;
    },
  };
}

/** What the functions of one watch share. */
interface Watch {
  readonly services: WatchServices;
  readonly courier: Courier;
  /** The tries whose end is waited for. */
  readonly watched: Set<Watched>;
  readonly pace: ReturnType<typeof createPace>;
  readonly askController: ReturnType<typeof createInquiry>;
}

/** Goes on until no job is left to watch. */
async function watchAll(watch: Watch): Promise<void> {
  const { watched, pace } = watch;
  while (watched.size > 0) {
    await watchOnce(watch);
    if (watched.size > 0) await pace.wait(isPressing(watched));
  }
}

async function watchOnce(watch: Watch): Promise<void> {
  const { services, watched, pace } = watch;
  await bringFromStores(watch);
  for (const [one, result] of await newResults(services, watched)) {
    pace.hasNews();
    one.seen = { ...one.seen, result };
    if (!result.isTold) settle(watch, one, endingOf(result));
  }
  for (const one of [...watched]) {
    const late = overdue(one.seen, services.clock.monotonicMs());
    if (late !== undefined) settle(watch, one, late);
  }
  if (watched.size === 0 || !pace.mayAsk(isPressing(watched))) return;
  for (const [one, ending] of await watch.askController(watched)) {
    pace.hasNews();
    settle(watch, one, ending);
  }
  pace.hasAsked();
}

/** Brings what jobs have put into stores. Ends jobs whose result the disk of this machine refuses. */
async function bringFromStores(watch: Watch): Promise<void> {
  const { courier, watched } = watch;
  await courier.askStores(
    [...watched].map(({ job, restart, seen }) => ({ job, restart, isGone: seen.goneSinceMs !== undefined })),
    isPressing(watched),
  );
  for (const one of [...watched]) {
    const result = courier.stuckResult(one.job);
    if (result === undefined) continue;
    await one.log?.forward();
    await one.log?.end();
    settle(watch, one, { ...endingOf(result), isKept: true });
  }
}

function settle({ watched }: Watch, one: Watched, ending: Ending): void {
  watched.delete(one);
  one.resolve(ending);
}

/** Whether the end of a job is near: it has a result, has left the queue, or was told to end. */
const isPressing = (watched: ReadonlySet<Watched>): boolean =>
  [...watched].some(
    ({ seen }) => seen.result !== undefined || seen.goneSinceMs !== undefined || seen.cancelledAtMs !== undefined,
  );

/** How often the files are looked at and the controller is asked. */
function createPace({ monotonicMs: now }: Services['clock']) {
  let wake = new AbortController();
  let [lookMs, askMs] = [FIRST_LOOK_MS, FIRST_ASK_MS];
  let askedMs: number | undefined;
  return {
    hurry: (): void => {
      [lookMs, askMs] = [FIRST_LOOK_MS, FIRST_ASK_MS];
      // A job that has just been submitted ends in a second at the earliest: the queue is asked later than the files.
      askedMs ??= now();
      wake.abort();
    },
    hasNews: (): void => {
      lookMs = FIRST_LOOK_MS;
    },
    mayAsk: (isUrgent: boolean): boolean => now() - (askedMs ?? 0) >= (isUrgent ? Math.min(SOON_MS, askMs) : askMs),
    hasAsked: (): void => {
      askedMs = now();
      askMs = Math.min(askMs * 1.5, LONGEST_ASK_MS);
    },
    wait: async (isUrgent: boolean): Promise<void> => {
      wake = new AbortController();
      await waitFor(isUrgent ? FIRST_LOOK_MS : lookMs, wake.signal);
      lookMs = Math.min(lookMs * 1.06, LONGEST_LOOK_MS);
    },
  };
}

/** Copies the logs, and returns the results that programs on nodes have written since the last look. */
async function newResults(
  { files }: Pick<Services, 'files'>,
  watched: ReadonlySet<Watched>,
): Promise<readonly (readonly [Watched, JobResult])[]> {
  const listed = new Map<string, ReadonlySet<string>>();
  const found: (readonly [Watched, JobResult])[] = [];
  for (const one of [...watched]) {
    const { folder, task } = one.job;
    const names = listed.get(folder) ?? new Set(await files.listFolder(`${folder}/results`));
    listed.set(folder, names);
    await one.log?.forward();
    const isThere = names.has(jobFiles.result(task, one.restart).slice('results/'.length));
    if (!isThere || one.seen.result !== undefined) continue;
    const result = await readResult({ files }, one.job, one.restart);
    if (result === undefined) continue;
    await one.log?.end();
    found.push([one, result]);
  }
  return found;
}

/** Asks the controller about all jobs at once; returns those that it says are over. */
function createInquiry({ clock, emit }: Pick<Services, 'clock' | 'emit'>, { client, courier }: Asked) {
  let isMute = false;
  return async (watched: ReadonlySet<Watched>): Promise<readonly (readonly [Watched, Ending])[]> => {
    const asking = [...watched];
    const states = await client.states(asking.map(({ job }) => job.id));
    if (states === undefined && !isMute)
      emit({
        type: 'warning',
        code: 'slurm-mute',
        text: 'Slurm cannot be asked about the jobs; refit goes on waiting for their results',
      });
    isMute = states === undefined;
    const byId = new Map(states?.map((state) => [state.id, state]));
    const over: (readonly [Watched, Ending])[] = [];
    for (const one of states === undefined ? [] : asking) {
      if (courier.isWaitedFor(one.job) && one.seen.cancelledAtMs === undefined) {
        one.seen = withoutGone(one.seen);
        continue;
      }
      const ending = await judge(one, byId.get(one.job.id), { clock, client });
      if (ending !== undefined && watched.has(one)) over.push([one, ending]);
    }
    return over;
  };
}

/** What the controller says of one job. */
async function judge(
  one: Watched,
  state: QueuedJob | undefined,
  { clock, client }: Pick<Services, 'clock'> & { readonly client: SlurmClient },
): Promise<Ending | undefined> {
  if (state !== undefined && state.node !== '' && state.node !== one.node && state.restarts === one.restart) {
    one.node = state.node;
    const job: EngineJob = { engine: 'slurm', id: one.job.id, node: state.node };
    one.observer.onNode(job);
  }
  const isForgotten = state === undefined && one.seen.goneSinceMs === undefined;
  const known = isForgotten ? await client.accounted(one.job.id) : state;
  const { ending, seen } = judgeJob(one.seen, {
    state: known,
    restart: one.restart,
    nowMs: clock.monotonicMs(),
    isStaged: one.job.record.store !== undefined,
  });
  one.seen = seen;
  if (ending === undefined) return undefined;
  await one.log?.forward();
  await one.log?.end();
  return ending;
}

const endingOf = ({ outcome, node, durationMs, failure }: JobResult): Ending => ({
  outcome,
  node,
  durationMs,
  failure,
});

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
