import type { JobObserver } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import type { JobResult } from '../../../domain/runs/job-files.js';
import type { LogCopy } from '../../log-copy.js';
import type { Courier } from '../staging/courier.js';
import { type AskPace, createAskPace, FIRST_ASK_MS, LONGEST_ASK_MS } from './ask-pace.js';
import type { KubernetesClient, NoAnswer } from './client.js';
import { type ClusterSilence, createClusterSilence } from './cluster-silence.js';
import type { ClusterState } from './cluster-state.js';
import { type Ending, hasRun, judgeJob, type Observation, podOf, type Seen, spoken } from './judge-job.js';
import { isPodOver } from './judge-staged.js';
import type { PodLog } from './pod-log.js';
import type { StagedSide } from './staged-side.js';

interface WatchedJob {
  readonly name: string;
  readonly run: string;
  readonly step: string;
  readonly startWithinMs: number;
  /** Of a job whose files go through a store. */
  readonly staged?: StagedSide;
  readonly log: PodLog;
  /** Lines for a person who watches. */
  readonly shown: LogCopy | undefined;
}

export interface WatchedEnd extends Ending {
  readonly node?: string;
  /** It may still be in the cluster, so the files that lead to it are kept. */
  readonly isLeft?: boolean;
}

export interface JobWatch {
  /** Resolves when the job has ended, its pod too, and its log is here. */
  readonly ended: (job: WatchedJob, observer: JobObserver) => Promise<WatchedEnd>;
  /** Tells the cluster to end a job. False if the cluster cannot be reached; `ended` then resolves as well. */
  readonly cancel: (name: string) => Promise<boolean>;
}

interface Watched {
  readonly job: WatchedJob;
  readonly observer: JobObserver;
  readonly resolve: (end: WatchedEnd) => void;
  readonly reject: (error: unknown) => void;
  seen: Seen;
  node?: string;
  pod?: string;
  /** The result that came through the store. */
  result?: JobResult;
  /** Since when the job looks ended while some of its files are missing. */
  missingSinceMs?: number | undefined;
  /** Since when the command has ended without news of its outputs. */
  silentSinceMs?: number | undefined;
  /** How the job ended. Its pod is still waited for. */
  ending?: Ending;
  endingSinceMs?: number;
  /** It has ended in a way that leaves its Job open. */
  isToRemove?: boolean;
  told?: string;
}

/** How often the log of a running step is shown. */
const SHOW_MS = 200;
/**
 * A pod that was told to end has its grace period, and its kubelet reports it. One that takes longer is on a node that is cut off.
 */
const LONGEST_END_MS = 90_000;

type WatchServices = Pick<Services, 'clock' | 'emit'>;

/**
 * Watches the jobs of a run in one namespace, with one call for all of them, less often the longer nothing happens.
 * `askStores` fetches what jobs have put into stores.
 */
export function createJobWatch(
  services: WatchServices,
  client: KubernetesClient,
  askStores: Courier['askStores'] = async () => undefined,
): JobWatch {
  const watched = new Set<Watched>();
  const pace = createAskPace(services.clock);
  const silence = createClusterSilence(services);
  const watch: Watch = { services, client, askStores, watched, pace, silence };
  let isWatching = false;
  return {
    ended: (job, observer) =>
      new Promise((resolve, reject) => {
        watched.add({ job, observer, resolve, reject, seen: {} });
        if (isWatching) return pace.hurry();
        isWatching = true;
        watchAll(watch)
          .catch((error: unknown) => {
            for (const one of watched) one.reject(error);
            watched.clear();
          })
          .finally(() => {
            isWatching = false;
          });
      }),
    cancel: async (name) => {
      const isTaken = await client.remove([name]);
      for (const one of [...watched].filter(({ job }) => job.name === name)) {
        one.ending ??= { outcome: { kind: 'cancelled' } };
        one.endingSinceMs ??= services.clock.monotonicMs();
        if (!isTaken) settle(watch, one, one.ending, { isLeft: true });
      }
      pace.hurry();
      return isTaken;
    },
  };
}

/** What the functions of one watch share. */
interface Watch {
  readonly services: WatchServices;
  readonly client: KubernetesClient;
  readonly askStores: Courier['askStores'];
  /** The jobs whose end is waited for. */
  readonly watched: Set<Watched>;
  readonly pace: AskPace;
  readonly silence: ClusterSilence;
}

/** Goes on until no job is left to watch. */
async function watchAll(watch: Watch): Promise<void> {
  const { watched, pace } = watch;
  pace.begin();
  while (watched.size > 0) {
    await bringResults(watch);
    if (pace.mayAsk()) {
      await askCluster(watch);
      pace.hasAsked();
    }
    for (const { job } of watched) {
      await job.log.renew();
      await job.shown?.forward();
    }
    const isShown = [...watched].some(({ job }) => job.shown !== undefined);
    const isStaged = [...watched].some(({ job }) => job.staged !== undefined);
    const mostMs = isShown ? SHOW_MS : isStaged ? FIRST_ASK_MS : LONGEST_ASK_MS;
    if (watched.size > 0) await pace.wait(mostMs);
  }
}

/** Brings results from the stores. Called before the cluster is asked, because it may say more about a job with a result. */
async function bringResults(watch: Watch): Promise<void> {
  const { watched, askStores, pace } = watch;
  const staged = [...watched].flatMap((one) => (one.job.staged === undefined ? [] : [{ one, side: one.job.staged }]));
  if (staged.length === 0) return;
  const isUrgent = staged.some(({ one }) => one.missingSinceMs !== undefined || one.seen.hasStarted === undefined);
  await askStores(
    staged.map(({ one, side }) => side.tryOf(one.missingSinceMs !== undefined)),
    isUrgent,
  );
  for (const { one, side } of staged) {
    const stuck = side.stuck();
    if (stuck !== undefined) settle(watch, one, { ...stuck, isKept: true });
    if (one.result !== undefined || !watched.has(one)) continue;
    one.result = await side.result();
    if (one.result !== undefined) pace.hurry();
  }
}

/** One question to the cluster for all jobs. */
async function askCluster(watch: Watch): Promise<void> {
  const { watched, client, silence } = watch;
  const asking = [...watched];
  const state = await client.state(asking.map(({ job }) => job.run));
  if (state.ok) {
    silence.ends();
    for (const one of asking) if (watched.has(one)) takeState(watch, one, state.value);
  } else missAnswer(watch, state.error);
  await removeOpen(watch);
}

/** Applies what the cluster reports about one job. */
function takeState(watch: Watch, one: Watched, state: ClusterState): void {
  const { job } = one;
  const { services, pace } = watch;
  const [there, pod] = [state.jobs.get(job.name), podOf(state, job.name)];
  one.pod = pod?.name;
  if (pod?.node !== undefined && pod.node !== one.node) {
    one.node = pod.node;
    one.observer.onNode({ engine: 'kubernetes', id: job.name, node: pod.node });
    pace.hasNews();
  }
  if (pod !== undefined && hasRun(pod)) job.log.open(pod.name);
  const isGone = isPodOver(pod) || (job.staged === undefined && pod?.exit !== undefined);
  if (one.ending !== undefined) {
    if (!isGone && isLate(watch, one)) warnOfPod(services, pod?.name ?? '', pod?.node);
    if (isGone || isLate(watch, one)) settle(watch, one, one.ending);
    return;
  }
  const nowMs = services.clock.monotonicMs();
  const ending = judge(one, { job: there, pod, nowMs, startWithinMs: job.startWithinMs });
  warnOfWaiting(services, one);
  if (ending === undefined) return;
  const isOver = isGone || job.staged !== undefined;
  if (isOver && ending.isOpen !== true) settle(watch, one, ending);
  else awaitPod(watch, one, ending);
}

/** The cluster did not answer. Jobs that were told to end are not waited for longer than usual. */
function missAnswer(watch: Watch, answer: NoAnswer): void {
  const isRefused = watch.silence.goesOn(answer);
  for (const one of watch.watched) {
    if (one.ending !== undefined && isLate(watch, one)) settle(watch, one, one.ending, { isLeft: true });
    else if (one.ending === undefined && isRefused)
      awaitPod(watch, one, {
        outcome: { kind: 'not-started', reason: `the cluster does not tell how its job goes: ${answer.words}` },
      });
  }
}

/** Jobs that the cluster may still try to run are deleted in one call. */
async function removeOpen(watch: Watch): Promise<void> {
  const open = [...watch.watched].filter(({ isToRemove }) => isToRemove === true);
  if (open.length === 0) return;
  for (const one of open) one.isToRemove = false;
  if (await watch.client.remove(open.map(({ job }) => job.name))) return;
  for (const one of open) if (one.ending !== undefined) settle(watch, one, one.ending, { isLeft: true });
}

/** The job has ended in this way. Its Job is removed, and its pod waited for. */
function awaitPod({ services, pace }: Watch, one: Watched, ending: Ending): void {
  [one.ending, one.endingSinceMs, one.isToRemove] = [ending, services.clock.monotonicMs(), true];
  pace.hasNews();
}

/** Whether the pod of a job that has ended takes too long to end. */
function isLate({ services }: Watch, { endingSinceMs }: Watched): boolean {
  const now = services.clock.monotonicMs();
  return now - (endingSinceMs ?? now) > LONGEST_END_MS;
}

/**
 * Ends the watch of a job once its log is here. Fetching the end of a log may take long, so other jobs do not wait for it. If the
 * pod is gone or has not started, its log cannot be fetched.
 */
function settle({ services, watched }: Watch, one: Watched, ending: Ending, { isLeft = false } = {}): void {
  if (!watched.delete(one)) return;
  const { node } = one;
  const end: WatchedEnd = { ...ending, ...(node === undefined ? {} : { node }), ...(isLeft ? { isLeft } : {}) };
  closeLog(services, one, !isLeft).then(() => one.resolve(end), one.reject);
}

/** Says once why a job waits. */
function warnOfWaiting({ emit }: Pick<Services, 'emit'>, one: Watched): void {
  const { waitsFor, hasStarted } = one.seen;
  if (waitsFor === undefined || hasStarted === true || one.told === waitsFor.reason) return;
  one.told = waitsFor.reason;
  const text = `step "${one.job.step}" waits (${one.job.name}): ${spoken(waitsFor)}; "kubectl describe job ${one.job.name}" says more`;
  emit({ type: 'warning', code: 'job-waits', text });
}

/** How a job ended, judged from the reports of the cluster and the store. `undefined` while it has not ended. */
function judge(one: Watched, observed: Observation): Ending | undefined {
  const { ending, seen } = judgeJob(one.seen, observed);
  one.seen = seen;
  const { staged } = one.job;
  if (staged === undefined) return ending;
  const { result, missingSinceMs: sinceMs, silentSinceMs } = one;
  const judged = staged.judge({ ...observed, seen, ending, result, sinceMs, silentSinceMs });
  [one.missingSinceMs, one.silentSinceMs] = [judged.sinceMs, judged.silentSinceMs];
  return judged.ending;
}

async function closeLog({ emit }: WatchServices, { job, pod, seen }: Watched, isReachable: boolean): Promise<void> {
  const fetched = isReachable && seen.hasStarted === true ? pod : undefined;
  const isWhole = await job.log.close(fetched);
  if (fetched !== undefined && !isWhole)
    emit({
      type: 'warning',
      code: 'log-cut',
      text: `the log of step "${job.step}" may lack its end: the cluster did not give it (kubectl logs ${fetched})`,
    });
  await job.shown?.forward();
  await job.shown?.end();
}

function warnOfPod({ emit }: WatchServices, pod: string, node: string | undefined): void {
  emit({
    type: 'warning',
    code: 'pod-left',
    text: `the pod ${pod} was told to end and does not${node === undefined ? '' : `: the node ${node} may be cut off`}; it may still write into the workspace`,
  });
}
