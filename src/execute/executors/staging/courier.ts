import { remoteUrl } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { RemoteStore } from '../../../domain/ports/remotes.js';
import type { Services } from '../../../domain/ports/services.js';
import { type JobResult, type JobTry, jobFiles } from '../../../domain/runs/job-files.js';
import { dropDamaged, fetchFrom } from '../../../domain/runs/staged-content.js';
import { resultIn, type StagedEntry, type StagedResult, stagedNames } from '../../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../../domain/runs/staging-problem.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { type JobRecord, type PlacedJob, readResult } from '../job-folder.js';
import { stagingFailure } from './staging-failure.js';
import type { OpenStore } from './stores.js';

/** A job whose node does not see the workspace. */
type StagedJob = PlacedJob & { readonly record: JobRecord & Required<Pick<JobRecord, 'store'>> };

const isStaged = (job: PlacedJob): job is StagedJob => job.record.store !== undefined;

/**
 * Brings what jobs put into their stores to the places where jobs on a shared file system would have written it: pieces of logs,
 * outputs, metrics, checkpoints, and last the result, in which everybody else looks for it.
 */
export interface Courier {
  /** Asks the stores for news, if it is time. `isUrgent`: something is known to have happened. */
  readonly look: (jobs: readonly PlacedJob[], isUrgent: boolean) => Promise<void>;
  /** Whether the engine's word on a job must not count yet: its result is on the way, or its store cannot be asked. */
  readonly isWaitedFor: (job: PlacedJob) => boolean;
  /** Asks now, and waits for what is on the way. */
  readonly collect: (job: PlacedJob) => Promise<Result<void, Failure>>;
  /** Ends a job also where the engine does not reach its node. */
  readonly cancel: (job: PlacedJob) => Promise<void>;
  /** Removes what the store holds of a job, but not the content of its files, which other jobs may need. */
  readonly forget: (job: PlacedJob) => Promise<void>;
  /** Removes the rest that the stores hold of runs whose jobs are all forgotten, here too. */
  readonly close: () => Promise<void>;
}

const FIRST_ASK_MS = 500;
const URGENT_ASK_MS = 300;
const LONGEST_ASK_MS = 5000;

type CourierServices = Pick<Services, 'clock' | 'emit' | 'files' | 'staging'>;

export function createCourier(services: CourierServices, open: OpenStore): Courier {
  const arriving = new Map<string, Promise<void>>();
  const mute = new Set<string>();
  /** Results that are here. They stay in the store while the job may be tried again. */
  const brought = new Set<string>();
  /** The last job that was forgotten, by the folder of its run. */
  const forgotten = new Map<string, StagedJob>();
  /** The disk has refused a result. */
  let broken: { readonly error: unknown } | undefined;
  let [askMs, askedMs] = [FIRST_ASK_MS, Number.NEGATIVE_INFINITY];
  const keyOf = ({ folder, task }: PlacedJob): string => `${folder}/${task}`;
  const storeKey = ({ record: { store } }: StagedJob): string => JSON.stringify(store.remote);

  /** One question for all jobs of a run. */
  const ask = async (jobs: readonly StagedJob[]): Promise<Result<void, Failure>> => {
    const [first] = jobs;
    if (first === undefined) return ok(undefined);
    const opened = await open(first.record.store);
    const listed = opened.ok ? await opened.value.list(stagedNames.run(placeOf(first))) : opened;
    const isLost = listed.ok && listed.value.length === 0;
    if (!opened.ok || !listed.ok || isLost) {
      const failure = opened.ok ? (listed.ok ? noOrders(first) : listed.error) : opened.error;
      if (!mute.has(storeKey(first))) warnOfSilence(services, first, failure);
      mute.add(storeKey(first));
      return err(failure);
    }
    mute.delete(storeKey(first));
    const names = new Set(listed.value.flatMap(({ name }) => (brought.has(name) ? [] : [name])));
    for (const job of jobs) {
      const news = newsOf(job, names);
      if (news.logs.length + news.results.length > 0) askMs = FIRST_ASK_MS;
      let isLogHere = true;
      for (const piece of news.logs) isLogHere &&= await bringLog(services, opened.value, piece);
      const key = keyOf(job);
      // With its result the job is over: its log comes first.
      if (news.results.length === 0 || arriving.has(key) || !isLogHere) continue;
      const coming = bringResults(services, opened.value, { job, brought }, news.results).finally(() =>
        arriving.delete(key),
      );
      coming.catch((error: unknown) => {
        broken = { error };
      });
      arriving.set(key, coming);
    }
    return ok(undefined);
  };

  return {
    look: async (jobs, isUrgent) => {
      const staged = jobs.filter(isStaged);
      const now = services.clock.monotonicMs();
      if (staged.length === 0 || now - askedMs < (isUrgent ? Math.min(URGENT_ASK_MS, askMs) : askMs)) return;
      askMs = Math.min(askMs * 1.2, LONGEST_ASK_MS);
      for (const group of groupedBy(staged, (job) => `${storeKey(job)} ${job.record.run}`)) await ask(group);
      askedMs = services.clock.monotonicMs();
      const { error } = broken ?? {};
      broken = undefined;
      if (error !== undefined) throw error;
    },
    isWaitedFor: (job) => isStaged(job) && (arriving.has(keyOf(job)) || mute.has(storeKey(job))),
    collect: async (job) => {
      if (!isStaged(job)) return ok(undefined);
      const asked = await ask([job]);
      await arriving.get(keyOf(job));
      return asked;
    },
    cancel: async (job) => {
      if (!isStaged(job)) return;
      const opened = await open(job.record.store);
      if (opened.ok) await opened.value.putBytes(stagedNames.cancelled(placeOf(job), job.task), '');
    },
    forget: async (job) => {
      if (!isStaged(job)) return;
      const opened = await open(job.record.store);
      if (!opened.ok) return;
      await opened.value.clear(stagedNames.task(placeOf(job), job.task));
      forgotten.set(job.folder, job);
    },
    close: async () => {
      for (const [folder, job] of forgotten) {
        const opened = await open(job.record.store);
        // A run that goes on may be adding a job.
        if (opened.ok && services.files.identityOfFolder(folder) === undefined)
          await opened.value.clear(stagedNames.run(placeOf(job)));
      }
      forgotten.clear();
    },
  };
}

const placeOf = ({ record: { store, run } }: StagedJob) => ({ area: store.area, run });

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

/** refit has put the orders of the jobs there, and they stay until it forgets the jobs. */
const noOrders = ({ record: { store } }: StagedJob): Failure => ({
  code: 'remote-unreachable',
  remote: remoteUrl(store.remote),
  reason: 'the orders of the jobs are not there (is the share mounted?); "refit doctor --repair" gives the jobs up',
});

function warnOfSilence({ emit }: CourierServices, { record: { store } }: StagedJob, failure: Failure): void {
  const reason = 'reason' in failure ? ` (${String(failure.reason)})` : '';
  emit({
    type: 'warning',
    code: 'store-mute',
    text: `the remote ${remoteUrl(store.remote)} cannot be asked about the jobs${reason}; refit goes on asking`,
  });
}

interface LogPiece {
  readonly name: string;
  readonly path: string;
  readonly from: number;
}

/** What the store holds of a job. */
function newsOf({ record, task, ...job }: StagedJob, names: ReadonlySet<string>) {
  const folder = stagedNames.task(placeOf({ record, task, ...job }), task);
  const logs: LogPiece[] = [];
  for (const name of names) {
    const [, restart, from] = name.startsWith(folder)
      ? (/^log\.(\d+)\.(\d+)$/.exec(name.slice(folder.length)) ?? [])
      : [];
    const path = record.tries[Number(restart ?? -1)]?.logPath;
    if (path !== undefined) logs.push({ name, path, from: Number(from) });
  }
  const place = placeOf({ record, task, ...job });
  const results = [...record.tries.entries()].filter(([restart]) =>
    names.has(stagedNames.result(place, task, restart)),
  );
  return { logs: logs.sort((a, b) => (a.name < b.name ? -1 : 1)), results };
}

/** False: the piece cannot be had now, and is in the next list again. */
async function bringLog(
  { staging }: CourierServices,
  store: RemoteStore,
  { name, path, from }: LogPiece,
): Promise<boolean> {
  const bytes = await store.getBytes(name);
  if (!bytes.ok || bytes.value === undefined) return false;
  const added = await staging.addToLog(path, from, bytes.value);
  if (added.ok) await store.drop(name);
  return true;
}

async function bringResults(
  services: CourierServices,
  store: RemoteStore,
  { job, brought }: { readonly job: StagedJob; readonly brought: Set<string> },
  results: readonly (readonly [number, JobTry])[],
): Promise<void> {
  for (const [restart, one] of results) {
    const name = stagedNames.result(placeOf(job), job.task, restart);
    const path = `${job.folder}/${jobFiles.result(job.task, restart)}`;
    if ((await readResult(services, job, restart)) !== undefined) {
      brought.add(name);
      continue;
    }
    const bytes = await store.getBytes(name);
    // Asked again with the next look.
    if (!bytes.ok || bytes.value === undefined) return;
    // A command that prints nothing has a log, too.
    await services.staging.addToLog(one.logPath, 0, new Uint8Array());
    const told = resultIn(Buffer.from(bytes.value).toString('utf8'), {
      outputs: job.record.store.outputs,
      metrics: one.metricsPath,
      checkpoint: job.record.store.checkpoint,
    });
    const failure = told === undefined ? unreadable(job) : await bringContent(services, store, { job, told });
    // The store is asked again: what the job made is there.
    if (failure?.code === 'staging-failed' && failure.cause === 'unreachable' && failure.node === undefined) return;
    const { outcome, isTold, node, durationMs } = told ?? UNTOLD;
    const result: JobResult = { outcome, isTold, node, durationMs, ...(failure === undefined ? {} : { failure }) };
    // One that refit was killed while writing is no result.
    await services.files.remove(path);
    await services.files.writePrivate(path, `${JSON.stringify(result)}\n`);
    brought.add(name);
  }
}

const UNTOLD = {
  ...{ isTold: false, node: '', durationMs: 0 },
  outcome: { kind: 'not-started', reason: 'its result cannot be read' },
} as const;

const unreadable = ({ record }: StagedJob): Failure => {
  const reason = 'it is not in the form in which the program of refit writes it';
  return stagingFailure(record, { doing: 'fetch', path: 'the result of the job', cause: 'damaged', reason });
};

/** Puts outputs and metrics of a command that has succeeded in their places, and the checkpoint of one that has not. */
async function bringContent(
  services: CourierServices,
  store: RemoteStore,
  { job, told }: { readonly job: StagedJob; readonly told: StagedResult },
): Promise<Failure | undefined> {
  const { record } = job;
  const { area, outputs, checkpoint } = record.store;
  if (told.problem !== undefined) return stagingFailure(record, told.problem, told.node);
  const fetch = fetchFrom(store, area);
  const bring = async (entries: readonly StagedEntry[], paths: readonly string[], into = false) => {
    const placed = await services.staging.place(entries, paths, { fetch, into });
    if (placed.ok) return undefined;
    await dropDamaged(store, area, entries, placed.error);
    return placed.error;
  };
  const { metrics } = told;
  const problem: StagingProblem | undefined =
    (await bring(told.outputs, outputs)) ??
    (metrics === undefined ? undefined : await bring([metrics], [metrics.path])) ??
    (checkpoint === undefined || told.checkpoint === undefined
      ? undefined
      : await bring(told.checkpoint, [checkpoint], true));
  return problem === undefined ? undefined : stagingFailure(record, problem);
}
