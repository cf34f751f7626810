import type { Failure } from '../../../domain/failure.js';
import type { JobResult } from '../../../domain/runs/job-files.js';
import type { ProcessOutcome } from '../../../domain/runs/run.js';
import { exitCodeOf, hasEnded, outcomeOfState, type QueuedJob } from './job-states.js';

/** How one try of a job has ended. */
export interface Ending {
  /** `undefined`: the program of refit could not be started on the node. */
  readonly outcome: ProcessOutcome | undefined;
  readonly node?: string;
  readonly durationMs?: number;
  /** The job is in the queue again. */
  readonly isRequeued?: boolean;
  /** It was told to end, and still runs as far as anybody knows. */
  readonly isLeft?: boolean;
  /** The job is over, and what it made is where it was: the next run collects it. */
  readonly isKept?: boolean;
  /** Why what the command made is not here. */
  readonly failure?: Failure;
  /** Of the program on the node, as the engine says it. */
  readonly exitCode?: number;
}

/** What is known of a job while it is watched. */
export interface Seen {
  /** Of a command that was told to end: only the engine knows why. */
  readonly result?: JobResult;
  /** Since when the engine says that the try is over, and no result has come. */
  readonly goneSinceMs?: number;
  /** When refit has told the engine to end the job. */
  readonly cancelledAtMs?: number;
}

export interface Observation {
  /** `undefined`: the engine knows nothing of it. */
  readonly state: QueuedJob | undefined;
  readonly restart: number;
  readonly nowMs: number;
  /** What it makes comes through a store. */
  readonly isStaged?: boolean;
}

/** A shared file system may show a file some seconds after another machine wrote it. */
const LATE_RESULT_MS = 2500;
/** A job that has put a result into a store exits with the status that says so; a store may be slow to show it. */
const LATE_IN_STORE_MS = 180_000;
/** A job that was just submitted may not be in the queue yet, and a controller that restarts reads its state first. */
const FORGOTTEN_MS = 10_000;

/**
 * How long the end of a job is waited for that is not wanted. Its program ends by itself when it finds in its folder that it is
 * cancelled; one that cannot (its node hangs) must not hold refit.
 */
export const LONGEST_END_MS = 60_000;

/** The end of a try that was told to end and has not, whatever the engine says by now. */
export const overdue = ({ cancelledAtMs }: Seen, nowMs: number): Ending | undefined =>
  cancelledAtMs === undefined || nowMs - cancelledAtMs < LONGEST_END_MS
    ? undefined
    : { outcome: { kind: 'cancelled' }, isLeft: true };

/** Whether the try is over, given what the engine says. */
export function judgeJob(
  seen: Seen,
  { state, restart, nowMs, isStaged = false }: Observation,
): { readonly ending?: Ending; readonly seen: Seen } {
  const isRequeued = state !== undefined && state.restarts > restart;
  if (state !== undefined && !isRequeued && !hasEnded(state)) return { seen: withoutGone(seen) };
  const { result } = seen;
  const since = seen.goneSinceMs ?? nowMs;
  const hasPut = isStaged && state?.state === 'COMPLETED' && !isRequeued && seen.cancelledAtMs === undefined;
  const late = hasPut ? LATE_IN_STORE_MS : LATE_RESULT_MS;
  const patience = state === undefined ? FORGOTTEN_MS : state.node === '' && !isRequeued ? 0 : late;
  if (result === undefined && nowMs - since < patience) return { seen: { ...seen, goneSinceMs: since } };
  const place = { node: result?.node ?? meant(state?.node), durationMs: result?.durationMs };
  if (isRequeued) {
    const reason = state.isPreempted ? 'preempted' : result === undefined ? 'node-failed' : 'requeued';
    return { seen, ending: { ...place, isRequeued: true, outcome: { kind: 'job-ended', reason } } };
  }
  return {
    seen,
    ending: {
      ...place,
      outcome: outcomeOf(seen, state),
      ...(state === undefined ? {} : { exitCode: exitCodeOf(state) }),
    },
  };
}

/** It is not known to be over. */
export function withoutGone({ goneSinceMs: _, ...rest }: Seen): Seen {
  return rest;
}

const meant = (node: string | undefined): string | undefined => (node === '' ? undefined : node);

function outcomeOf({ result, cancelledAtMs }: Seen, state: QueuedJob | undefined): ProcessOutcome | undefined {
  const byState = state === undefined ? undefined : outcomeOfState(state);
  if (byState !== undefined) return byState;
  if (cancelledAtMs !== undefined) return { kind: 'cancelled' };
  // It was told to end by a signal that the engine knows nothing of, or has forgotten.
  if (result !== undefined) return { kind: 'signalled', signal: 'SIGTERM' };
  return state === undefined || state.state === 'COMPLETED' ? { kind: 'job-ended', reason: 'vanished' } : undefined;
}
