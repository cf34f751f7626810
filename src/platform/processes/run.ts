import type { ProcessResult, ProcessSpec } from '../../domain/ports/platform.js';
import type { ProcessOutcome } from '../../domain/runs/run.js';
import { endFamily, type Family, hasGroup } from './groups.js';
import { readTail } from './lines.js';
import { openProcessOutput, type ProcessOutput } from './output.js';
import type { StartProcess } from './start-many.js';
import { logUnwritable, type Started } from './started.js';

const DEFAULT_GRACE_MS = 10_000;
/** For what a step left in the background: it had its time while the step ran. */
const LEFTOVER_GRACE_MS = 1000;
/** What Node's timers can count. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Families that run now, to be killed should refit itself have to go at once. */
export type RunningFamilies = Set<Family>;

/** Runs a process in a group of its own until all of it has ended. */
export async function runProcess(
  spec: ProcessSpec,
  start: StartProcess,
  running: RunningFamilies,
): Promise<ProcessResult> {
  const startedAt = performance.now();
  const outcome = await runToItsEnd(spec, start, running);
  const isGood = outcome.kind === 'exited' && outcome.exitCode === 0;
  const tail = isGood || spec.logPath === undefined ? [] : readTail(spec.logPath);
  return { outcome, tail, durationMs: performance.now() - startedAt };
}

async function runToItsEnd(spec: ProcessSpec, start: StartProcess, running: RunningFamilies): Promise<ProcessOutcome> {
  if (spec.signal?.aborted) return { kind: 'cancelled' };
  let output: ProcessOutput;
  try {
    output = await openProcessOutput(spec);
  } catch (error) {
    return { kind: 'not-started', reason: logUnwritable(error) };
  }
  try {
    return spec.signal?.aborted ? { kind: 'cancelled' } : await startAndWait(spec, output, start, running);
  } finally {
    await output.finish();
  }
}

async function startAndWait(
  spec: ProcessSpec,
  output: ProcessOutput,
  start: StartProcess,
  running: RunningFamilies,
): Promise<ProcessOutcome> {
  const started = await start(spec, output);
  output.started();
  if (typeof started === 'string') return { kind: 'not-started', reason: started };
  const family = familyOf(started.identity.pid, spec);
  running.add(family);
  try {
    spec.onStarted?.(started.identity);
    return await ended(started, spec, family);
  } finally {
    running.delete(family);
  }
}

/** Waits for the process, or ends it on time-out and cancellation; either way nothing of its group runs on. */
async function ended({ identity, exit }: Started, spec: ProcessSpec, family: Family): Promise<ProcessOutcome> {
  const graceMs = spec.graceMs ?? DEFAULT_GRACE_MS;
  const end = watchForEnd(spec);
  const outcome = await Promise.race([exit, end.called]);
  end.stop();
  if (outcome.kind === 'timed-out' || outcome.kind === 'cancelled') await endFamily(family, graceMs);
  else if (hasGroup(identity.pid)) await endFamily({ group: identity.pid }, Math.min(graceMs, LEFTOVER_GRACE_MS));
  return outcome;
}

function watchForEnd({ timeoutMs, signal }: ProcessSpec) {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const called = new Promise<ProcessOutcome>((resolve) => {
    const wait = (leftMs: number): void => {
      const nowMs = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > nowMs ? wait(leftMs - nowMs) : resolve({ kind: 'timed-out' })), nowMs);
    };
    if (timeoutMs !== undefined) wait(timeoutMs);
    onAbort = () => resolve({ kind: 'cancelled' });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  return {
    called,
    stop: (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

/** What tells the step's processes from all others, also where they left the group; nothing for what is no step of a run. */
function familyOf(pid: number, { env }: ProcessSpec): Family {
  const { REFIT_RUN_ID: run, REFIT_STEP: step } = env;
  // inherited from a step that started refit: those processes are not ours
  const isOwn = run !== undefined && run !== process.env.REFIT_RUN_ID;
  if (!isOwn || step === undefined) return { group: pid };
  return { group: pid, marks: [`REFIT_RUN_ID=${run}`, `REFIT_STEP=${step}`] };
}
