import type { Failure } from '../../../domain/failure.js';
import type { RemoteStore } from '../../../domain/ports/remotes.js';
import type { Services } from '../../../domain/ports/services.js';
import type { JobResult } from '../../../domain/runs/job-files.js';
import { stagedNames } from '../../../domain/runs/staged-job.js';
import { ok, type Result } from '../../../domain/support/result.js';
import type { PlacedJob } from '../job-folder.js';
import { type Arrivals, createArrivals } from './arrivals.js';
import { bringLogs, isStaged, placeOf, resultStuckBy, type StagedJob } from './bring.js';
import { forgetRun, forgetTask } from './forget.js';
import { type ProgressOf, trackJobs } from './job-progress.js';
import { listRun, newsOf, withResult } from './store-news.js';
import { createStoreSilence, type StoreSilence, storeKey } from './store-silence.js';
import type { OpenStore } from './stores.js';

/** A job, and the try of it that refit waits for. */
export interface AwaitedTry {
  readonly job: PlacedJob;
  readonly restart: number;
  /** The engine reports that the try has ended. A list of the store may be older than the result. */
  readonly isGone: boolean;
}

/**
 * Fetches what jobs put into their stores, to the places where jobs on a shared file system would have written it: pieces
 * of logs, outputs, metrics, checkpoints. Writes the result last, because the rest of refit waits for it.
 */
export interface Courier {
  /** Asks the stores for new files, if it is time. `isUrgent`: something is known to have happened. */
  readonly askStores: (tries: readonly AwaitedTry[], isUrgent: boolean) => Promise<void>;
  /**
   * Whether the engine's report on a job must be ignored for now: the result is in the store, or the store cannot be
   * reached.
   */
  readonly isWaitedFor: (job: PlacedJob) => boolean;
  /** Whether a pod has announced that it uploads its outputs. */
  readonly isSending: (job: PlacedJob) => boolean;
  /** The result of a job whose files this machine's disk refuses. They are all still in the store. */
  readonly stuckResult: (job: PlacedJob) => JobResult | undefined;
  /** The last try with a result in the store, or -1. Fetches nothing. */
  readonly lastTry: (job: PlacedJob) => Promise<Result<number, Failure>>;
  /** Ends a job, even if the engine cannot reach its node. Its files are no longer fetched. */
  readonly cancel: (job: PlacedJob) => Promise<void>;
  /** Stops fetching for this job. After it resolves, no more files in the workspace are replaced. */
  readonly halt: (job: PlacedJob) => Promise<void>;
  /** Removes a job from the store, but not the content of its files, which other jobs may need. */
  readonly forget: (job: PlacedJob) => Promise<void>;
  /** Removes the remaining files of runs from the stores, once all jobs of a run are forgotten, also on this machine. */
  readonly close: () => Promise<void>;
}

const FIRST_ASK_MS = 500;
const URGENT_ASK_MS = 300;
const LONGEST_ASK_MS = 5000;
/** How long a missing piece of a log delays the result. A share may list a folder as it was half a minute ago. */
const LONGEST_GAP_MS = 60_000;

type CourierServices = Pick<Services, 'clock' | 'emit' | 'files' | 'staging'>;

/** A try of a job whose files come through a store. */
type StagedTry = AwaitedTry & { readonly job: StagedJob };

/** The courier of one run. `open` gives the stores of its jobs. */
export function createCourier(services: CourierServices, open: OpenStore): Courier {
  const progressOf = trackJobs();
  const silence = createStoreSilence(services);
  const pace = createPace(services.clock);
  const arrivals = createArrivals(services, progressOf, silence);
  const asking: Asking = { services, open, progressOf, silence, pace, arrivals };
  /** The last job that was forgotten, by the folder of its run. */
  const forgotten = new Map<string, StagedJob>();

  return {
    askStores: async (tries, isUrgent) => {
      const staged = tries.flatMap((one) => (isStaged(one.job) ? [{ ...one, job: one.job }] : []));
      if (staged.length === 0 || !pace.mayAsk(isUrgent)) return;
      pace.slowDown();
      for (const group of groupedBy(staged, ({ job }) => `${storeKey(job)} ${job.record.run}`))
        await askAboutRun(asking, group);
      pace.hasAsked();
      arrivals.throwBug();
    },
    isWaitedFor: (job) => {
      if (!isStaged(job)) return false;
      const { arrival, isSeen } = progressOf(job);
      return arrival !== undefined || isSeen || silence.isMute(job);
    },
    isSending: (job) => progressOf(job).isSending,
    stuckResult: (job) => progressOf(job).stuck,
    lastTry: async (job) => {
      if (!isStaged(job)) return ok(-1);
      const listed = await listRun(open, job);
      return listed.ok ? ok(Math.max(-1, ...newsOf(job, listed.value.names, new Set()).restarts)) : listed;
    },
    cancel: async (job) => {
      if (!isStaged(job)) return;
      progressOf(job).isCancelled = true;
      await arrivals.halt(job);
      const opened = await open(job.record.store);
      if (opened.ok) await opened.value.putBytes(stagedNames.cancelled(placeOf(job), job.task), '');
    },
    halt: async (job) => {
      progressOf(job).isHalted = true;
      await arrivals.halt(job);
    },
    forget: async (job) => {
      if (!isStaged(job)) return;
      progressOf(job).isHalted = true;
      await arrivals.halt(job);
      const opened = await open(job.record.store);
      if (!opened.ok) return;
      await forgetTask(opened.value, placeOf(job), { task: job.task, isCancelled: progressOf(job).isCancelled });
      forgotten.set(job.folder, job);
    },
    close: async () => {
      for (const [folder, job] of forgotten) {
        const opened = await open(job.record.store);
        // A run that has not ended may be adding a job.
        if (opened.ok && services.files.identityOfFolder(folder) === undefined)
          await forgetRun(opened.value, placeOf(job));
      }
      forgotten.clear();
    },
  };
}

/** How often the stores are asked: less often the longer nothing happens. */
function createPace({ monotonicMs: now }: Services['clock']) {
  let [askMs, askedMs] = [FIRST_ASK_MS, Number.NEGATIVE_INFINITY];
  return {
    mayAsk: (isUrgent: boolean): boolean => now() - askedMs >= (isUrgent ? Math.min(URGENT_ASK_MS, askMs) : askMs),
    slowDown: (): void => {
      askMs = Math.min(askMs * 1.2, LONGEST_ASK_MS);
    },
    hasNews: (): void => {
      askMs = FIRST_ASK_MS;
    },
    hasAsked: (): void => {
      askedMs = now();
    },
  };
}

/** What the questions of one courier share. */
interface Asking {
  readonly services: CourierServices;
  readonly open: OpenStore;
  readonly progressOf: ProgressOf;
  readonly silence: StoreSilence;
  readonly pace: ReturnType<typeof createPace>;
  readonly arrivals: Arrivals;
}

/** One question for all jobs of a run. */
async function askAboutRun(asking: Asking, tries: readonly StagedTry[]): Promise<void> {
  const [first] = tries;
  if (first === undefined) return;
  const listed = await listRun(asking.open, first.job);
  asking.silence.note(first.job, 'list', listed.ok ? undefined : listed.error);
  if (!listed.ok) return;
  for (const one of tries) await bringNews(asking, listed.value, one);
}

/** Brings the log of a job, and then begins to bring its results. */
async function bringNews(
  asking: Asking,
  { store, names: listed }: { readonly store: RemoteStore; readonly names: ReadonlySet<string> },
  { job, restart, isGone }: StagedTry,
): Promise<void> {
  const progress = asking.progressOf(job);
  if (progress.isHalted || progress.stuck !== undefined) return;
  if (progress.awaited !== restart) {
    // The outputs of an earlier try are no longer needed.
    await asking.arrivals.halt(job);
    Object.assign(progress, { awaited: restart, isSeen: false, isSending: false, gapSinceMs: undefined });
  }
  const mayBeUnlisted = isGone || progress.isSeen;
  const names = mayBeUnlisted ? await withResult(store, listed, { job, restart }, progress.brought) : listed;
  const news = newsOf(job, names, progress.brought);
  progress.isSending ||= listed.has(stagedNames.sending(placeOf(job), job.task, restart));
  const restarts = news.restarts.filter((other) => other <= restart);
  if (news.logs.length + restarts.length > 0) asking.pace.hasNews();
  progress.isSeen ||= restarts.includes(restart);
  const log = await bringLogs(asking.services, store, news.logs);
  asking.silence.note(job, 'its log', log.kind === 'later' ? log.failure : undefined);
  const now = asking.services.clock.monotonicMs();
  progress.gapSinceMs = log.kind === 'gap' ? (progress.gapSinceMs ?? now) : undefined;
  // The job counts as ended once its result is here, so the log must come first.
  const isHeld =
    log.kind === 'later' || (progress.gapSinceMs !== undefined && now - progress.gapSinceMs < LONGEST_GAP_MS);
  if (restarts.length === 0 || progress.arrival !== undefined || isHeld) return;
  if (log.kind !== 'stuck') asking.arrivals.start(store, job, restarts);
  else if (progress.isSeen) progress.stuck = resultStuckBy(job, log.problem);
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}
