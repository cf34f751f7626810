import { remoteUrl } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { RemoteStore } from '../../../domain/ports/remotes.js';
import type { Services } from '../../../domain/ports/services.js';
import type { JobResult } from '../../../domain/runs/job-files.js';
import { stagedNames } from '../../../domain/runs/staged-job.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import type { PlacedJob } from '../job-folder.js';
import {
  type Brought,
  bringCheckpoint,
  bringLogs,
  bringResult,
  isStaged,
  type LogPiece,
  placeOf,
  resultStuckBy,
  type StagedJob,
} from './bring.js';
import { forgetRun, forgetTask } from './forget.js';
import type { OpenStore } from './stores.js';

/** A job, and the try of it that refit waits for. */
export interface AwaitedTry {
  readonly job: PlacedJob;
  readonly restart: number;
  /** The engine says that the try is over. A list of the store may be older than its result. */
  readonly isGone: boolean;
}

/**
 * Brings what jobs put into their stores to the places where jobs on a shared file system would have written it: pieces of logs,
 * outputs, metrics, checkpoints, and last the result, in which everybody else looks for it.
 */
export interface Courier {
  /** Asks the stores for news, if it is time. `isUrgent`: something is known to have happened. */
  readonly askStores: (tries: readonly AwaitedTry[], isUrgent: boolean) => Promise<void>;
  /** Whether the engine's word on a job must not count yet: its result is in the store, or its store cannot be asked. */
  readonly isWaitedFor: (job: PlacedJob) => boolean;
  /** Whether a pod has said that it puts what its command has made. */
  readonly isSending: (job: PlacedJob) => boolean;
  /** The end of a job whose result the disk of this machine refuses. All of it is still in the store. */
  readonly stuckResult: (job: PlacedJob) => JobResult | undefined;
  /** The last try of which the store holds a result, or -1. Brings nothing. */
  readonly lastTry: (job: PlacedJob) => Promise<Result<number, Failure>>;
  /** Ends a job also where the engine does not reach its node. What it has made is not brought any more. */
  readonly cancel: (job: PlacedJob) => Promise<void>;
  /** Nothing of the workspace is replaced for this job after it resolves. */
  readonly halt: (job: PlacedJob) => Promise<void>;
  /** Removes what the store holds of a job, but not the content of its files, which other jobs may need. */
  readonly forget: (job: PlacedJob) => Promise<void>;
  /** Removes the rest that the stores hold of runs whose jobs are all forgotten, here too. */
  readonly close: () => Promise<void>;
}

const FIRST_ASK_MS = 500;
const URGENT_ASK_MS = 300;
const LONGEST_ASK_MS = 5000;
/** A share may list a folder as it was half a minute ago. A piece of a log that is not there after that does not hold a result. */
const LONGEST_GAP_MS = 60_000;

type CourierServices = Pick<Services, 'clock' | 'emit' | 'files' | 'staging'>;

/** What the courier knows of a job. */
interface Known {
  /** The try that refit waits for. */
  awaited: number;
  arrival?: { readonly controller: AbortController; readonly done: Promise<void> };
  /** The result of the awaited try has been seen in the store, and is not here. */
  isSeen: boolean;
  isSending: boolean;
  isCancelled: boolean;
  isHalted: boolean;
  stuck?: JobResult;
  gapSinceMs?: number;
  /** Names of results that are here. They stay in the store while the job may be tried again. */
  readonly brought: Set<string>;
}

/** The courier of one run. `open` gives the stores of its jobs. */
export function createCourier(services: CourierServices, open: OpenStore): Courier {
  const known = new Map<string, Known>();
  const silence = createSilence(services);
  /** The last job that was forgotten, by the folder of its run. */
  const forgotten = new Map<string, StagedJob>();
  /** A bug, thrown with the next question. */
  let broken: { readonly error: unknown } | undefined;
  let [askMs, askedMs] = [FIRST_ASK_MS, Number.NEGATIVE_INFINITY];
  const of = (job: PlacedJob): Known => {
    const key = `${job.folder}/${job.task}`;
    const there = known.get(key) ?? {
      awaited: -1,
      isSeen: false,
      isSending: false,
      isCancelled: false,
      isHalted: false,
      brought: new Set<string>(),
    };
    known.set(key, there);
    return there;
  };
  const halt = async (job: PlacedJob): Promise<void> => {
    const { arrival } = of(job);
    arrival?.controller.abort();
    await arrival?.done;
  };
  const start = (store: RemoteStore, job: StagedJob, restarts: readonly number[]): void => {
    const state = of(job);
    const controller = new AbortController();
    const done = bringAll(services, store, { job, state, restarts, signal: controller.signal })
      .then((failure) => silence.note(job, 'its files', failure))
      .catch((error: unknown) => {
        if (!controller.signal.aborted) broken = { error };
      })
      .finally(() => {
        delete state.arrival;
      });
    state.arrival = { controller, done };
  };
  const askOne = async (store: RemoteStore, one: AwaitedTry & { job: StagedJob }, listed: ReadonlySet<string>) => {
    const { job, restart } = one;
    const state = of(job);
    if (state.isHalted || state.stuck !== undefined) return;
    if (state.awaited !== restart) {
      // What an earlier try made is not wanted any more.
      await halt(job);
      Object.assign(state, { awaited: restart, isSeen: false, isSending: false, gapSinceMs: undefined });
    }
    const news = newsOf(job, await withUnlisted(store, one, { state, listed }), state.brought);
    const { logs } = news;
    state.isSending ||= listed.has(stagedNames.sending(placeOf(job), job.task, restart));
    const restarts = news.restarts.filter((other) => other <= restart);
    if (logs.length + restarts.length > 0) askMs = FIRST_ASK_MS;
    state.isSeen ||= restarts.includes(restart);
    const log = await bringLogs(services, store, logs);
    silence.note(job, 'its log', log.kind === 'later' ? log.failure : undefined);
    const now = services.clock.monotonicMs();
    state.gapSinceMs = log.kind === 'gap' ? (state.gapSinceMs ?? now) : undefined;
    // With its result the job is over: its log comes first.
    const isHeld = log.kind === 'later' || (state.gapSinceMs !== undefined && now - state.gapSinceMs < LONGEST_GAP_MS);
    if (restarts.length === 0 || state.arrival !== undefined || isHeld) return;
    if (log.kind !== 'stuck') start(store, job, restarts);
    else if (state.isSeen) state.stuck = resultStuckBy(job, log.problem);
  };
  /** One question for all jobs of a run. */
  const ask = async (tries: readonly (AwaitedTry & { job: StagedJob })[]): Promise<void> => {
    const [first] = tries;
    if (first === undefined) return;
    const listed = await listRun(open, first.job);
    silence.note(first.job, 'list', listed.ok ? undefined : listed.error);
    if (!listed.ok) return;
    for (const one of tries) await askOne(listed.value.store, one, listed.value.names);
  };

  return {
    askStores: async (tries, isUrgent) => {
      const staged = tries.flatMap((one) => (isStaged(one.job) ? [{ ...one, job: one.job }] : []));
      const now = services.clock.monotonicMs();
      if (staged.length === 0 || now - askedMs < (isUrgent ? Math.min(URGENT_ASK_MS, askMs) : askMs)) return;
      askMs = Math.min(askMs * 1.2, LONGEST_ASK_MS);
      for (const group of groupedBy(staged, ({ job }) => `${storeKey(job)} ${job.record.run}`)) await ask(group);
      askedMs = services.clock.monotonicMs();
      const { error } = broken ?? {};
      broken = undefined;
      if (error !== undefined) throw error;
    },
    isWaitedFor: (job) => {
      if (!isStaged(job)) return false;
      const { arrival, isSeen } = of(job);
      return arrival !== undefined || isSeen || silence.isMute(job);
    },
    isSending: (job) => of(job).isSending,
    stuckResult: (job) => of(job).stuck,
    lastTry: async (job) => {
      if (!isStaged(job)) return ok(-1);
      const listed = await listRun(open, job);
      return listed.ok ? ok(Math.max(-1, ...newsOf(job, listed.value.names, new Set()).restarts)) : listed;
    },
    cancel: async (job) => {
      if (!isStaged(job)) return;
      of(job).isCancelled = true;
      await halt(job);
      const opened = await open(job.record.store);
      if (opened.ok) await opened.value.putBytes(stagedNames.cancelled(placeOf(job), job.task), '');
    },
    halt: async (job) => {
      of(job).isHalted = true;
      await halt(job);
    },
    forget: async (job) => {
      if (!isStaged(job)) return;
      of(job).isHalted = true;
      await halt(job);
      const opened = await open(job.record.store);
      if (!opened.ok) return;
      await forgetTask(opened.value, placeOf(job), { task: job.task, isCancelled: of(job).isCancelled });
      forgotten.set(job.folder, job);
    },
    close: async () => {
      for (const [folder, job] of forgotten) {
        const opened = await open(job.record.store);
        // A run that goes on may be adding a job.
        if (opened.ok && services.files.identityOfFolder(folder) === undefined)
          await forgetRun(opened.value, placeOf(job));
      }
      forgotten.clear();
    },
  };
}

interface Arriving {
  readonly job: StagedJob;
  readonly state: Known;
  readonly restarts: readonly number[];
  readonly signal: AbortSignal;
}

/** Brings results of tries, the first one first. Returns why the store has not handed something over. */
async function bringAll(
  services: CourierServices,
  store: RemoteStore,
  { job, state, restarts, signal }: Arriving,
): Promise<Failure | undefined> {
  for (const restart of restarts) {
    const name = stagedNames.result(placeOf(job), job.task, restart);
    const isAwaited = restart === state.awaited;
    const brought: Brought | Awaited<ReturnType<typeof bringResult>> = isAwaited
      ? await bringResult(services, store, { job, restart, signal, isCancelled: state.isCancelled })
      : await bringCheckpoint(services, store, { job, restart, signal });
    if (brought.kind === 'later') return brought.failure;
    if (brought.kind === 'stuck') state.stuck = brought.result;
    if (isAwaited) state.isSeen = false;
    if (brought.kind === 'here') state.brought.add(name);
  }
  return undefined;
}

const storeKey = ({ record: { store } }: StagedJob): string => JSON.stringify(store.remote);

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

async function listRun(
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

/** The names in a list, and the result of a try that is over, if it is there by its name. */
async function withUnlisted(
  store: RemoteStore,
  { job, restart, isGone }: AwaitedTry & { readonly job: StagedJob },
  { state, listed }: { readonly state: Known; readonly listed: ReadonlySet<string> },
): Promise<ReadonlySet<string>> {
  const name = stagedNames.result(placeOf(job), job.task, restart);
  if (listed.has(name) || state.brought.has(name) || !(isGone || state.isSeen)) return listed;
  const size = await store.sizeOf(name);
  // If the store does not answer, the result may be there.
  return size.ok && size.value === undefined ? listed : new Set([...listed, name]);
}

/** The failure of a store that lists nothing: refit has put the orders of the jobs there, and they stay until it forgets the jobs. */
const noOrders = ({ record: { store } }: StagedJob): Failure => ({
  code: 'remote-unreachable',
  remote: remoteUrl(store.remote),
  reason: 'the orders of the jobs are not there (is the share mounted?); "refit doctor --repair" gives the jobs up',
});

/** Notes which stores do not answer. Each is reported once, until it answers again. */
function createSilence({ emit }: Pick<Services, 'emit'>) {
  const silent = new Set<string>();
  const keyOf = (job: StagedJob, about: string): string => `${about} ${storeKey(job)}`;
  return {
    isMute: (job: StagedJob): boolean => silent.has(keyOf(job, 'list')),
    note: (job: StagedJob, about: 'list' | 'its log' | 'its files', failure: Failure | undefined): void => {
      const key = keyOf(job, about);
      const isNew = failure !== undefined && ![...silent].some((one) => one.endsWith(storeKey(job)));
      if (failure === undefined) silent.delete(key);
      else silent.add(key);
      if (!isNew) return;
      const reason = 'reason' in failure ? ` (${String(failure.reason)})` : '';
      const text = `the remote ${remoteUrl(job.record.store.remote)} cannot be asked about the jobs${reason}; refit goes on asking`;
      emit({ type: 'warning', code: 'store-mute', text });
    },
  };
}

/** The pieces of logs and the results that the store holds of a job and that are not here yet. */
function newsOf({ record, task, folder }: StagedJob, names: ReadonlySet<string>, brought: ReadonlySet<string>) {
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
