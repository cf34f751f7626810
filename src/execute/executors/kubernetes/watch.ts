import type { JobObserver } from '../../../domain/ports/executors.js';
import type { Services } from '../../../domain/ports/services.js';
import { waitFor } from '../../../domain/support/wait.js';
import type { LogCopy } from '../../log-copy.js';
import type { KubernetesClient } from './client.js';
import type { ClusterState } from './cluster-state.js';
import { type Ending, judgeJob, podOf, type Seen, spoken } from './judge-job.js';
import type { PodLog } from './pod-log.js';

interface WatchedJob {
  readonly name: string;
  readonly run: string;
  readonly step: string;
  readonly startWithinMs: number;
  readonly log: PodLog;
  /** Lines for a person who watches. */
  readonly shown: LogCopy | undefined;
}

export interface WatchedEnd extends Ending {
  readonly node?: string;
}

export interface JobWatch {
  /** Resolves when the job has ended, its pod too, and its log is here. */
  readonly ended: (job: WatchedJob, observer: JobObserver) => Promise<WatchedEnd>;
  /** Tells the cluster to end a job; false if it cannot be told. `ended` then resolves as well. */
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
  /** How it has ended, while its pod is waited for. */
  ending?: Ending;
  endingSinceMs?: number;
  told?: string;
}

const FIRST_ASK_MS = 500;
const LONGEST_ASK_MS = 5000;
/** How often the log of a running step is shown. */
const SHOW_MS = 200;
/** A pod that was told to end has its grace period, and its kubelet reports it. One that takes longer is on a node that is cut off. */
const LONGEST_END_MS = 90_000;

type WatchServices = Pick<Services, 'clock' | 'emit'>;

/** Watches the jobs of a run in one namespace: one call for all of them, less often the longer nothing happens. */
export function createJobWatch(services: WatchServices, client: KubernetesClient): JobWatch {
  const watched = new Set<Watched>();
  const now = (): number => services.clock.monotonicMs();
  let wake = new AbortController();
  let askMs = FIRST_ASK_MS;
  let isLooking = false;
  let isMute = false;

  const hurry = (): void => {
    askMs = FIRST_ASK_MS;
    wake.abort();
  };
  /** The log of a pod that is gone, or has not started, cannot be fetched. Fetching the end of a log may take long: other jobs do not wait for it. */
  const settle = (one: Watched, ending: Ending, isReachable = true): void => {
    watched.delete(one);
    closeLog(services, one, isReachable).then(
      () => one.resolve({ ...ending, ...(one.node === undefined ? {} : { node: one.node }) }),
      one.reject,
    );
  };

  const ask = async (): Promise<void> => {
    const asking = [...watched];
    const state = await client.state(asking.map(({ job }) => job.run));
    if (state === undefined && !isMute)
      services.emit({
        type: 'warning',
        code: 'kubernetes-mute',
        text: 'the Kubernetes cluster cannot be asked about the jobs; refit goes on asking',
      });
    isMute = state === undefined;
    if (state === undefined) return;
    for (const one of asking) if (watched.has(one)) await take(one, state);
  };

  /** What the cluster says of one job. */
  const take = async (one: Watched, state: ClusterState): Promise<void> => {
    const { job } = one;
    const [there, pod] = [state.jobs.get(job.name), podOf(state, job.name)];
    one.pod = pod?.name;
    if (pod?.node !== undefined && pod.node !== one.node) {
      one.node = pod.node;
      one.observer.onNode({ engine: 'kubernetes', id: job.name, node: pod.node });
      askMs = FIRST_ASK_MS;
    }
    if (pod !== undefined && (pod.isRunning || pod.exit !== undefined)) job.log.open(pod.name);
    const isGone = pod === undefined || pod.exit !== undefined || pod.phase === 'Failed' || pod.phase === 'Succeeded';
    if (one.ending !== undefined) {
      const isLate = now() - (one.endingSinceMs ?? now()) > LONGEST_END_MS;
      if (isGone || isLate) settle(one, one.ending);
      if (isLate && !isGone) warnOfPod(services, pod?.name ?? '', pod?.node);
      return;
    }
    const { startWithinMs } = job;
    const { ending, seen } = judgeJob(one.seen, { job: there, pod, nowMs: now(), startWithinMs });
    one.seen = seen;
    tell(one);
    if (ending === undefined) return;
    if (isGone && ending.isOpen !== true) return settle(one, ending);
    [one.ending, one.endingSinceMs] = [ending, now()];
    askMs = FIRST_ASK_MS;
    await client.remove([job.name]);
  };

  /** Says once why a job waits. */
  const tell = (one: Watched): void => {
    const { waitsFor, hasStarted } = one.seen;
    if (waitsFor === undefined || hasStarted === true || one.told === waitsFor.reason) return;
    one.told = waitsFor.reason;
    const text = `step "${one.job.step}" waits (${one.job.name}): ${spoken(waitsFor)}`;
    services.emit({ type: 'warning', code: 'job-waits', text });
  };

  const look = async (): Promise<void> => {
    let askedMs = now();
    while (watched.size > 0) {
      const isDue = now() - askedMs >= askMs;
      if (isDue) {
        await ask();
        askedMs = now();
        askMs = Math.min(askMs * 1.3, LONGEST_ASK_MS);
      }
      for (const { job } of watched) {
        await job.log.look();
        await job.shown?.forward();
      }
      wake = new AbortController();
      const restMs = Math.max(0, askMs - (now() - askedMs));
      const isShown = [...watched].some(({ job }) => job.shown !== undefined);
      if (watched.size > 0) await waitFor(isShown ? Math.min(SHOW_MS, restMs) : restMs, wake.signal);
      if (wake.signal.aborted) askedMs = Math.min(askedMs, now() - askMs);
    }
  };

  return {
    ended: (job, observer) =>
      new Promise((resolve, reject) => {
        watched.add({ job, observer, resolve, reject, seen: {} });
        if (isLooking) return hurry();
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
    cancel: async (name) => {
      const isTaken = await client.remove([name]);
      for (const one of [...watched].filter(({ job }) => job.name === name)) {
        one.ending ??= { outcome: { kind: 'cancelled' } };
        one.endingSinceMs ??= now();
        if (!isTaken) settle(one, one.ending, false);
      }
      hurry();
      return isTaken;
    },
  };
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
