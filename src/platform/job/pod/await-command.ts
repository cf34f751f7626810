import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessOutcome } from '../../../domain/runs/run.js';
import { podFiles } from '../../../domain/runs/staged-pod.js';
import { waitFor } from '../../../domain/support/wait.js';
import { descendantsOf, isEnded, startTimeOf, statOf } from '../../processes/proc.js';

const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 500;
/** As long as a step of this machine has between TERM and KILL. */
const GRACE_MS = 10_000;
/** How long a killed command may take to disappear. After that it is given up: it cannot be observed. */
const AFTER_KILL_MS = 5000;
/** A command that is to end and was not started may still be about to start. */
const NOT_STARTED_MS = 3000;

interface Limits {
  /** The command is to end. */
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
}

/** How the command in the other container of the pod ended. */
export interface EndedCommand {
  readonly outcome: ProcessOutcome;
  readonly durationMs: number;
}

/**
 * Waits for the command of a pod. Its container writes the pid of the command to `folder` before the start, and the exit
 * status after the end. If the command is gone and there is no status, it was killed together with the shell that waited
 * for it.
 */
export async function awaitCommand(folder: string, { signal, timeoutMs }: Limits): Promise<EndedCommand> {
  const container = createSight(folder);
  let startedMs: number | undefined;
  let ending: { readonly why: 'timed-out' | 'cancelled'; readonly sinceMs: number } | undefined;
  const endedAs = (outcome: ProcessOutcome): EndedCommand => ({
    outcome,
    durationMs: Math.round(performance.now() - (startedMs ?? performance.now())),
  });
  for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(1.2 * lookMs, LONGEST_LOOK_MS)) {
    const { pid, exitCode, isGone } = container.command();
    const nowMs = performance.now();
    if (pid !== undefined) startedMs ??= nowMs;
    if (exitCode !== undefined || isGone) {
      if (ending !== undefined) return endedAs({ kind: ending.why });
      if (pid === undefined) return endedAs(NOBODY_CAME);
      return endedAs(exitCode === undefined ? { kind: 'signalled', signal: 'SIGKILL' } : { kind: 'exited', exitCode });
    }
    const isLate = timeoutMs !== undefined && startedMs !== undefined && nowMs - startedMs >= timeoutMs;
    if (ending === undefined && (signal.aborted || isLate)) {
      ending = { why: signal.aborted ? 'cancelled' : 'timed-out', sinceMs: nowMs };
      signalBelow(pid, 'SIGTERM');
      lookMs = FIRST_LOOK_MS;
    }
    const endingMs = ending === undefined ? 0 : nowMs - ending.sinceMs;
    const mostMs = pid === undefined ? NOT_STARTED_MS : GRACE_MS + AFTER_KILL_MS;
    if (ending !== undefined && endingMs > mostMs) return endedAs({ kind: ending.why });
    // What the command has started meanwhile is killed, too.
    if (endingMs > GRACE_MS) signalBelow(pid, 'SIGKILL');
    await waitFor(untilNext(lookMs, { nowMs, startedMs, timeoutMs }), ending === undefined ? signal : undefined);
  }
}

const NOBODY_CAME: ProcessOutcome = {
  kind: 'not-started',
  reason: 'the container that sends what it makes came too late',
};

/** Time limits are kept exactly, not only at the next poll. */
function untilNext(
  lookMs: number,
  { nowMs, startedMs, timeoutMs }: { nowMs: number; startedMs: number | undefined; timeoutMs: number | undefined },
): number {
  if (startedMs === undefined || timeoutMs === undefined) return lookMs;
  const leftMs = startedMs + timeoutMs - nowMs;
  return leftMs > 0 ? Math.min(lookMs, leftMs + 1) : lookMs;
}

interface SeenCommand {
  readonly pid: number | undefined;
  readonly exitCode: number | undefined;
  readonly isGone: boolean;
}

/** What is visible of the other container. An observation is kept, because the command may remove the files. */
function createSight(folder: string) {
  let pid: number | undefined;
  let startTime: string | undefined;
  const noted = (file: string): number | undefined => numberIn(join(folder, file));
  return {
    command: (): SeenCommand => {
      pid ??= noted(podFiles.pid);
      if (pid === undefined) {
        const exitCode = noted(podFiles.exit);
        // The container writes the pid first.
        if (exitCode !== undefined) pid = noted(podFiles.pid);
        if (pid === undefined) return { pid, exitCode, isGone: false };
      }
      // Check in this order: the container writes the status before it ends.
      const isThere = !isEnded(statOf(pid));
      const found = isThere ? startTimeOf(pid) : undefined;
      startTime ??= found;
      const exitCode = noted(podFiles.exit);
      if (exitCode !== undefined) return { pid, exitCode, isGone: true };
      return { pid, exitCode, isGone: seesOthers() && (!isThere || found !== startTime) };
    },
  };
}

/** The first process of a container that has a PID namespace of its own sees none of the others. */
const seesOthers = (): boolean => process.pid !== 1;

/** A number is complete once its line end is there. */
function numberIn(path: string): number | undefined {
  try {
    const found = /^(\d+)\n/.exec(readFileSync(path, 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}

/** The shell itself is not killed: it has to write the status. */
function signalBelow(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined || !seesOthers()) return;
  for (const one of descendantsOf(pid))
    try {
      process.kill(one, signal);
    } catch {
      // It has ended.
    }
}
