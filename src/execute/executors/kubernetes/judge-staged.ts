import type { Failure } from '../../../domain/failure.js';
import type { JobResult } from '../../../domain/runs/job-files.js';
import { hasSucceeded, type ProcessOutcome } from '../../../domain/runs/run.js';
import { STORE_UNREACHABLE } from '../../../domain/runs/staged-job.js';
import { OTHER_FORMAT } from '../../../domain/runs/staged-pod.js';
import type { StagingProblem } from '../../../domain/runs/staging-problem.js';
import { HOUR_MS, MINUTE_MS } from '../../../domain/support/time.js';
import type { Exit, PodState, Words } from './cluster-state.js';
import { disruptionOf, type Ending, isLate, type Observation, type Seen, spoken } from './judge-job.js';
import { FETCH, SEND } from './manifest.js';

interface StagedObservation extends Observation {
  /** The ending by the cluster's reports alone. */
  readonly seen: Seen;
  readonly ending: Ending | undefined;
  /** The result that the program in the pod put into the store, once it has been fetched. */
  readonly result: JobResult | undefined;
  /** A result is on its way, or the store cannot be asked. */
  readonly isWaitedFor: boolean;
  /** Since when the job looks over, and something is still missing. */
  readonly sinceMs: number | undefined;
  /** The program in the pod has announced that it uploads the outputs. */
  readonly isSending: boolean;
  /** Since when the command has ended without news from the program in the pod. */
  readonly silentSinceMs: number | undefined;
  readonly failureOf: (problem: StagingProblem, node: string | undefined) => Failure;
}

/** The cluster may report the end of a container some seconds after the container has put its result. */
const LATE_WORD_MS = 5000;
/** A container that succeeded has put its result, but a store may be slow to show it. */
const LATE_IN_STORE_MS = 180_000;
const LATE_RESULT_MS = 5000;
/** The time for which `send` retries while the store cannot be reached, and some time to read the outputs. */
const SILENT_SEND_MS = HOUR_MS + 10 * MINUTE_MS;
/** A pod that was told to end has a minute, and its kubelet reports it. */
const LATE_POD_MS = 150_000;

/** Whether all containers of a pod have ended. */
export const isPodOver = (pod: PodState | undefined): boolean =>
  pod === undefined || pod.phase === 'Failed' || pod.phase === 'Succeeded';

/** Ends of a command that only the program in the pod can know. */
const OF_SEND: readonly ProcessOutcome['kind'][] = ['timed-out', 'not-started'];

interface Judged {
  readonly ending?: Ending;
  readonly sinceMs?: number;
  readonly silentSinceMs?: number;
}

/** Whether a job has ended whose files go through a store. The end of its command is not enough: the files must be here. */
export function judgeStaged(observed: StagedObservation): Judged {
  const { result, ending, pod, nowMs, isWaitedFor } = observed;
  const wait = (forMs: number, then: () => Ending) => {
    const sinceMs = observed.sinceMs ?? nowMs;
    return nowMs - sinceMs < forMs ? { sinceMs } : { ending: then() };
  };
  if (result !== undefined) {
    const { durationMs, failure } = result;
    const own: Ending = { outcome: result.outcome, durationMs, ...(failure === undefined ? {} : { failure }) };
    if (result.isTold) {
      const told = toldToEnd(observed);
      return told === undefined
        ? wait(LATE_WORD_MS, () => ended({ kind: 'signalled', signal: 'SIGTERM' }))
        : { ending: told };
    }
    if (failure !== undefined || OF_SEND.includes(own.outcome.kind) || hasSucceeded(own.outcome))
      return { ending: own };
    // The cluster knows more about a command that has failed: that it was short of memory, or who has ended the pod.
    const isKnown = ending !== undefined && !hasSucceeded(ending.outcome);
    return isKnown ? { ending: { ...ending, durationMs } } : wait(LATE_WORD_MS, () => own);
  }
  if (ending === undefined) {
    // refit no longer waits for the outputs.
    const isAlone = pod?.isRunning === true && (pod.sent?.code ?? 0) !== 0;
    return isAlone && !isWaitedFor
      ? wait(LATE_RESULT_MS, () => ({ ...withoutResult(observed, DONE), isOpen: true }))
      : {};
  }
  const unstarted = neverRan(observed, ending);
  if (unstarted !== undefined) return { ending: unstarted };
  if (isWaitedFor) return {};
  if (ending.isOpen === true) return wait(LATE_RESULT_MS, () => ending);
  if (pod?.isHeld === true && ending.outcome.kind === 'exited') return wait(LATE_RESULT_MS, () => gaveUp(pod));
  if (!isPodOver(pod)) {
    // The program is still sending, unless its node is cut off.
    const lost: Ending = { ...ended({ kind: 'job-ended', reason: 'node-failed' }), isOpen: true };
    if (pod?.isDeleting === true) return wait(LATE_POD_MS, () => lost);
    if (observed.isSending) return {};
    const silentSinceMs = observed.silentSinceMs ?? nowMs;
    if (nowMs - silentSinceMs < SILENT_SEND_MS) return { silentSinceMs };
    return { ending: { ...withoutResult(observed, ending), isOpen: true } };
  }
  const hasPut = hasSucceeded(ending.outcome) && pod?.sent?.code === 0;
  return wait(hasPut ? LATE_IN_STORE_MS : LATE_RESULT_MS, () => withoutResult(observed, ending));
}

const ended = (outcome: Ending['outcome']): Ending => ({ outcome });

/** The end of a job whose containers cannot start. There will be no result. */
function neverRan({ pod, seen }: StagedObservation, ending: Ending): Ending | undefined {
  if (seen.hasStarted === true || ending.outcome.kind !== 'not-started') return undefined;
  // The other container waits for the command.
  if (pod?.exit !== undefined) return { ...ending, isOpen: true };
  return pod?.fetched === undefined || ending.isOpen === true ? ending : undefined;
}

/** The container of the command gave up waiting for the other one, which may still start. */
function gaveUp({ waiting }: PodState): Ending {
  const why = waiting === undefined ? 'the cluster did not say why' : spoken(waiting);
  const reason = `its container "${SEND}" cannot start: ${why}`;
  return { ...ended({ kind: 'not-started', reason }), isOpen: true };
}

/** Who ended a command that was told to end. `undefined` while this is not reported. */
function toldToEnd({ seen, pod, job }: StagedObservation): Ending | undefined {
  const byOthers = disruptionOf(seen, pod);
  if (byOthers !== undefined) return ended({ kind: 'job-ended', reason: byOthers });
  if (isLate(job, pod)) return ended({ kind: 'timed-out' });
  return job === undefined || job.isDeleting ? ended({ kind: 'cancelled' }) : undefined;
}

/** The outputs of the command will not arrive here. */
const DONE: Ending = { outcome: { kind: 'exited', exitCode: 0 } };

/** All containers have ended, and the store has no result. */
function withoutResult({ pod, failureOf }: StagedObservation, ending: Ending): Ending {
  const { fetched, sent, node, name = '' } = pod ?? {};
  const more = (container: string): string => `"kubectl logs ${name} -c ${container}" may say more`;
  if (fetched !== undefined && fetched.code !== 0 && ending.outcome.kind === 'not-started')
    return { ...ending, ...faultOf(FETCH, `${whyOf(fetched)}; ${more(FETCH)}`) };
  if (!hasSucceeded(ending.outcome)) return ending;
  if (sent !== undefined && sent.code !== 0) return { ...ending, ...faultOf(SEND, `${whyOf(sent)}; ${more(SEND)}`) };
  // With its Job the pod is deleted, and its log.
  if (!isPodOver(pod)) return { ...ending, ...faultOf(SEND, 'has put nothing for more than an hour') };
  return ended({ kind: 'job-ended', reason: 'vanished' });

  function faultOf(container: typeof FETCH | typeof SEND, why: string): Partial<Ending> {
    const doing = container === FETCH ? 'fetch' : 'put';
    const path = container === FETCH ? 'the order of the job' : 'the result of the job';
    const reason = `the container "${container}" of its pod ${why}`;
    return { failure: failureOf({ doing, path, cause: 'unreachable', reason }, node) };
  }
}

function whyOf(exit: Exit): string {
  if (exit.code === STORE_UNREACHABLE) return 'could not read or write there';
  if (exit.code === OTHER_FORMAT) return 'has another version of refit than this machine (staging_image in refit.yaml)';
  const words: Words = { reason: exit.reason, message: exit.message };
  return `ended with exit code ${exit.code} (${spoken(words)})`;
}
