import type { Failure } from '../../../domain/failure.js';
import type { JobEnd } from '../../../domain/runs/job.js';
import type { ProcessOutcome } from '../../../domain/runs/run.js';
import type { ClusterState, JobState, PodState, Words } from './cluster-state.js';

/** How a job has ended. */
export interface Ending {
  readonly outcome: ProcessOutcome;
  readonly durationMs?: number;
  /** Why the outputs of the command are not here. */
  readonly failure?: Failure;
  /** The outputs of the job stay where they are. The next run collects them. */
  readonly isKept?: boolean;
  /** The cluster may still run the job, so it must be deleted. */
  readonly isOpen?: boolean;
}

/** What is known of a job while it is watched. */
export interface Seen {
  /** The command runs, or has run. */
  readonly hasStarted?: boolean;
  /** The last reason why the command did not start. */
  readonly waitsFor?: Words;
  /** Since when an image, a container or a pod is unavailable, or the cluster reports nothing about it. */
  readonly stuckSinceMs?: number;
  /** Since when the job looks ended without a reason from the cluster. */
  readonly doubtfulSinceMs?: number;
  readonly disrupted?: Words;
}

export interface Observation {
  readonly job: JobState | undefined;
  readonly pod: PodState | undefined;
  readonly nowMs: number;
  readonly startWithinMs: number;
}

/** The Job controller reports the reason a moment after it has ended a pod, and a list may be some seconds old. */
const SETTLE_MS = 3000;
/** After this time without news of a pod that was told to end, its node counts as cut off. */
const SILENT_MS = 60_000;

/** Reasons that a retry does not change. */
const HOPELESS = ['InvalidImageName', 'ErrImageNeverPull'];
/** Reasons for which the kubelet retries and may succeed. */
const STUCK = [
  ...HOPELESS,
  'ErrImagePull',
  'ImagePullBackOff',
  'RegistryUnavailable',
  'ImageInspectError',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
];

/** The node could not run the command. */
const NEVER_RAN = ['StartError', 'ContainerCannotRun'];
/** After this time without news a warning is given. Most pods and containers appear sooner. */
const QUIET_MS = 60_000;

/** Whether the command of a pod runs, or has run. */
export const hasRun = ({ isRunning, isHeld, exit }: PodState): boolean =>
  !isHeld && (isRunning || (exit !== undefined && !NEVER_RAN.includes(exit.reason)));

/**
 * What is missing without a reported reason: the pod, if a quota refuses it, or the container, if a volume cannot be
 * mounted.
 */
function missing({ job, pod }: Observation): Words | undefined {
  if (job === undefined || job.isDeleting || job.isComplete || job.failed !== undefined) return undefined;
  if (pod === undefined) return { reason: 'no pod', message: 'the cluster has made none for the job' };
  if (pod.node === undefined || pod.phase !== 'Pending' || pod.isDeleting || pod.exit !== undefined) return undefined;
  const { reason = 'no container', message = '' } = pod.waiting ?? {};
  return (pod.isRunning && !pod.isHeld) || pod.isFetching
    ? undefined
    : { reason, message: message || `${pod.node} has the pod and does not run it yet` };
}

/** The pod that decides how the job ended: one whose command has ended, otherwise the youngest. */
export function podOf({ pods }: Pick<ClusterState, 'pods'>, job: string): PodState | undefined {
  const own = pods.filter((pod) => pod.job === job).toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  return own.find(({ exit }) => exit?.code === 0) ?? own.at(-1);
}

/** Whether the job is over, given what the cluster says. */
export function judgeJob(before: Seen, observed: Observation): { readonly ending?: Ending; readonly seen: Seen } {
  const { pod, nowMs } = observed;
  const isStuck = STUCK.includes(pod?.waiting?.reason ?? '');
  const hasStarted = before.hasStarted === true || (pod !== undefined && hasRun(pod));
  const lack = isStuck || hasStarted ? undefined : missing(observed);
  const stuckSinceMs = isStuck || lack !== undefined ? (before.stuckSinceMs ?? nowMs) : undefined;
  const isQuiet =
    lack !== undefined && nowMs - (stuckSinceMs ?? nowMs) >= Math.min(QUIET_MS, observed.startWithinMs / 2);
  const seen: Seen = {
    hasStarted,
    waitsFor: isStuck ? pod?.waiting : (pod?.unschedulable ?? (isQuiet ? lack : before.waitsFor)),
    stuckSinceMs,
    disrupted: pod?.disrupted ?? before.disrupted,
  };
  const ending = endingOf(seen, observed);
  if (ending !== 'doubtful') return { seen, ...(ending === undefined ? {} : { ending }) };
  const since = before.doubtfulSinceMs ?? nowMs;
  const isSilent = pod !== undefined && pod.exit === undefined && pod.phase !== 'Failed';
  if (nowMs - since < (isSilent ? SILENT_MS : SETTLE_MS)) return { seen: { ...seen, doubtfulSinceMs: since } };
  return { seen, ending: lastGuess(seen, observed) };
}

function endingOf(seen: Seen, { job, pod, nowMs, startWithinMs }: Observation): Ending | 'doubtful' | undefined {
  const exit = pod?.exit;
  if (exit?.code === 0) return ended({ kind: 'exited', exitCode: 0 }, exit.durationMs);
  const byOthers = disruptionOf(seen, pod);
  if (exit !== undefined && NEVER_RAN.includes(exit.reason))
    return ended({ kind: 'not-started', reason: `its container cannot start: ${spoken(exit)}` });
  if (exit?.reason === 'OOMKilled') return ended({ kind: 'job-ended', reason: 'out-of-memory' }, exit.durationMs);
  if (isLate(job, pod) && (pod === undefined || exit !== undefined || pod.phase === 'Failed'))
    return seen.hasStarted === true ? ended({ kind: 'timed-out' }, exit?.durationMs) : ended(neverRan(seen, 'timeout'));
  if (exit !== undefined || pod?.phase === 'Failed') {
    if (byOthers !== undefined) return ended({ kind: 'job-ended', reason: byOthers }, exit?.durationMs);
    if (job === undefined || job.isDeleting) return ended({ kind: 'cancelled' }, exit?.durationMs);
    // The pod was ended, and the cluster has not yet reported by whom.
    if (pod?.isDeleting === true && job.failed === undefined) return 'doubtful';
    if (exit !== undefined) return ended({ kind: 'exited', exitCode: exit.code }, exit.durationMs);
    return ended(refused(pod?.ended));
  }
  if (job === undefined || job.failed !== undefined) return 'doubtful';
  if (job.isComplete && pod === undefined) return ended({ kind: 'exited', exitCode: 0 });
  if (seen.stuckSinceMs === undefined) return undefined;
  const isHopeless = HOPELESS.includes(pod?.waiting?.reason ?? '');
  if (!isHopeless && nowMs - seen.stuckSinceMs < startWithinMs) return undefined;
  return { ...ended(neverRan(seen, 'start')), isOpen: true };
}

/** No more news will come: the job is gone, its pod was removed, or its node does not answer. */
function lastGuess(seen: Seen, { job, pod }: Observation): Ending {
  if (pod?.exit !== undefined) return ended({ kind: 'exited', exitCode: pod.exit.code }, pod.exit.durationMs);
  const isOpen = job !== undefined;
  const byOthers = disruptionOf(seen, pod);
  if (byOthers !== undefined) return { ...ended({ kind: 'job-ended', reason: byOthers }), isOpen };
  if (pod !== undefined) return { ...ended({ kind: 'job-ended', reason: 'node-failed' }), isOpen };
  // A list may lack a Job that is there: it is deleted before the step counts as cancelled.
  if (job === undefined) return { ...ended({ kind: 'cancelled' }), isOpen: true };
  return ended({ kind: 'job-ended', reason: 'vanished' });
}

const ended = (outcome: ProcessOutcome, durationMs?: number): Ending => ({
  outcome,
  ...(durationMs === undefined ? {} : { durationMs }),
});

/** Whether Kubernetes ended the job at its time limit. */
export const isLate = (job: JobState | undefined, pod: PodState | undefined): boolean =>
  job?.failed?.reason === 'DeadlineExceeded' || pod?.ended?.reason === 'DeadlineExceeded';

/** Words of the condition DisruptionTarget, and of the kubelet of a node that shuts down. */
const DISRUPTIONS: Readonly<Record<string, JobEnd>> = {
  PreemptionByScheduler: 'preempted',
  Preempting: 'preempted',
  PreemptionByKubeScheduler: 'preempted',
  EvictionByEvictionAPI: 'evicted',
  TerminationByKubelet: 'evicted',
  Evicted: 'evicted',
  DeletionByTaintManager: 'node-failed',
  DeletionByPodGC: 'node-failed',
  NodeLost: 'node-failed',
  NodeShutdown: 'node-failed',
  Shutdown: 'node-failed',
  Terminated: 'node-failed',
};

/** Who ended the pod: the scheduler, a drain, its node. `undefined` if it ended by itself or the cluster does not say. */
export const disruptionOf = (seen: Seen, pod: PodState | undefined): JobEnd | undefined =>
  DISRUPTIONS[seen.disrupted?.reason ?? ''] ?? DISRUPTIONS[pod?.ended?.reason ?? ''];

/** A node has taken the pod and could not run it. */
const refused = (words: Words | undefined): ProcessOutcome => ({
  kind: 'not-started',
  reason: `the node refused the pod${words === undefined ? '' : `: ${spoken(words)}`}`,
});

function neverRan({ waitsFor }: Seen, limit: 'timeout' | 'start'): ProcessOutcome {
  const why = waitsFor === undefined ? 'the cluster did not say why' : spoken(waitsFor);
  return {
    kind: 'not-started',
    reason:
      limit === 'timeout' ? `its timeout was over before it could start: ${why}` : `its container cannot start: ${why}`,
  };
}

/** `reason: message`, without the empty parts. */
export const spoken = ({ reason, message }: Words): string =>
  [reason, message].filter((part) => part !== '').join(': ');
