import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { ProcessResult, ProcessSpec } from '../../domain/ports/platform.js';
import { hasSucceeded, type ProcessIdentity, type ProcessOutcome } from '../../domain/runs/run.js';
import { messageOf } from '../../domain/support/system-error.js';
import { waitFor } from '../../domain/support/wait.js';
import { type Child, startChild } from './child.js';
import { endFamily, type Family, hasLiving } from './groups.js';
import { identityOf } from './identity.js';
import { readTail } from './lines.js';
import { needsRelay, openLog, openRelayedLog, type ProcessOutput } from './output.js';

/**
 * A variable that tells what a command started from what another one did, also of two that run at once under one name, such as the
 * evaluations of two versions.
 */
const PROCESS_ID = 'REFIT_PROCESS_ID';

const DEFAULT_GRACE_MS = 10_000;
/** The kernel gives out all its pids in no less than this. */
const YOUNG_MS = 2000;
/** For processes that a step left in the background. */
const LEFTOVER_GRACE_MS = 1000;
/** Families that run now. They are killed when refit itself has to exit at once. */
export type RunningFamilies = Set<Family>;

/** Runs a process in a group of its own until the whole group has ended. */
export async function runProcess(spec: ProcessSpec, running: RunningFamilies): Promise<ProcessResult> {
  const startedAt = performance.now();
  const outcome = await runToItsEnd(spec, running);
  const isGood = hasSucceeded(outcome);
  const tail = isGood || spec.logPath === undefined ? [] : readTail(spec.logPath);
  return { outcome, tail, durationMs: performance.now() - startedAt };
}

async function runToItsEnd(spec: ProcessSpec, running: RunningFamilies): Promise<ProcessOutcome> {
  if (spec.signal?.aborted) return { kind: 'cancelled' };
  let output: ProcessOutput;
  try {
    // no `await` for a log that is opened directly: many steps that start together would hold as many descriptors
    output = needsRelay(spec) ? await openRelayedLog(spec) : openLog(spec);
  } catch (error) {
    return {
      kind: 'not-started',
      reason: `its log cannot be written: ${messageOf(error)}`,
    };
  }
  try {
    return await startAndWait(spec, output, running);
  } finally {
    await output.finish();
  }
}

async function startAndWait(
  spec: ProcessSpec,
  output: ProcessOutput,
  running: RunningFamilies,
): Promise<ProcessOutcome> {
  // aborted while a pipe was made: `watchForEnd` would not hear of it
  const id = randomUUID();
  const env = { ...spec.env, [PROCESS_ID]: id };
  const starting = spec.signal?.aborted ? undefined : startChild({ ...spec, env, fd: output.fd });
  output.started();
  if (starting === undefined) return { kind: 'cancelled' };
  const child = await starting;
  if (typeof child === 'string') return { kind: 'not-started', reason: child };
  const identity = identityOf(child.pid);
  const family = familyOf(identity, spec, id);
  running.add(family);
  try {
    spec.onStarted?.(identity);
    return await ended(child, spec, { family, running });
  } finally {
    running.delete(family);
  }
}

/**
 * Waits for the process, or ends it on time-out and cancellation. Afterwards its family has ended too, except what a command
 * leaves on purpose.
 */
async function ended(
  { exit }: Child,
  spec: ProcessSpec,
  { family, running }: { readonly family: Family; readonly running: RunningFamilies },
): Promise<ProcessOutcome> {
  const graceMs = spec.graceMs ?? DEFAULT_GRACE_MS;
  const end = watchForEnd(spec);
  const startedMs = performance.now();
  const outcome = await Promise.race([exit, end.called]);
  const isYoung = performance.now() - startedMs < YOUNG_MS;
  end.stop();
  if (outcome.kind === 'timed-out' || outcome.kind === 'cancelled') await endFamily(family, graceMs);
  else if (!isLeavingServers(spec, outcome) && hasLiving(family, { isYoung, running }))
    await endFamily(family, Math.min(graceMs, LEFTOVER_GRACE_MS));
  return outcome;
}

const isLeavingServers = ({ mayLeaveServers }: ProcessSpec, outcome: ProcessOutcome): boolean =>
  mayLeaveServers === true && hasSucceeded(outcome);

/** `called` resolves when the process is to be ended: its time is up, or its signal aborts. */
function watchForEnd({ timeoutMs, signal }: ProcessSpec) {
  const timer = timeoutMs === undefined ? undefined : new AbortController();
  let onAbort = (): void => undefined;
  const called = new Promise<ProcessOutcome>((resolve) => {
    if (timeoutMs !== undefined) void waitFor(timeoutMs, timer?.signal).then(() => resolve({ kind: 'timed-out' }));
    onAbort = () => resolve({ kind: 'cancelled' });
    if (signal === undefined) return;
    // every running step listens to the same signal: Node would warn of a leak at the eleventh
    setMaxListeners(0, signal);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  return {
    called,
    stop: (): void => {
      timer?.abort();
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

/** How to find the processes of a step, also those that left its group. A process that is no step of a run has only its group. */
function familyOf({ pid, startTime }: ProcessIdentity, { env }: ProcessSpec, id: string): Family {
  const { REFIT_RUN_ID: run, REFIT_STEP: step } = env;
  // an inherited id belongs to the step that started this refit: its processes are not ours
  const isOwn = run !== undefined && run !== process.env.REFIT_RUN_ID;
  if (!isOwn || step === undefined) return { group: pid };
  // without a start time it has ended already
  return { group: pid, marks: [`${PROCESS_ID}=${id}`], since: startTime === '' ? undefined : Number(startTime) };
}
