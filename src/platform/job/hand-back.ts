import type { JobTry } from '../../domain/runs/job-files.js';
import { hasSucceeded, type ProcessOutcome } from '../../domain/runs/run.js';
import { tooLong } from '../../domain/runs/staged-content.js';
import {
  STORE_UNREACHABLE,
  type StagedEntry,
  type StagedResult,
  type StagedSpec,
} from '../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../domain/runs/staging-problem.js';
import { waitFor } from '../../domain/support/wait.js';
import { keepScratch } from './scratch.js';
import type { sendLog } from './send-log.js';
import type { StoreSide } from './store-side.js';
import type { Told } from './when-told.js';

/** How long a store may be away when a command has ended. */
export interface Patience {
  readonly forMs: number;
  readonly firstPauseMs: number;
}

const PATIENCE: Patience = { forMs: 3_600_000, firstPauseMs: 1000 };
const LONGEST_PAUSE_MS = 8000;
/** Slurm kills a job 30 s after it has told it to end, unless its administrator says otherwise (KillWait). */
const AFTER_SIGNAL_MS = 15_000;
const AFTER_SIGNAL_PAUSE_MS = 2000;

/** A command that has ended. */
interface Ended {
  readonly spec: StagedSpec;
  readonly current: JobTry;
  readonly root: string;
  /** Its folder is still there when the program has ended. */
  readonly isLasting: boolean;
  readonly node: string;
  readonly told: Told;
  readonly log: Pick<ReturnType<typeof sendLog>, 'again' | 'end'>;
  readonly ended: { readonly outcome: ProcessOutcome; readonly durationMs: number };
  readonly patience: Patience | undefined;
}

/** What goes into the result. */
type Made = Pick<StagedResult, 'outputs' | 'metrics' | 'checkpoint' | 'problem'>;

/**
 * Puts what a command has made into the store, and then its result, which says that all of it is there. Tries again while the store is
 * away: what was computed is only here. `unwanted`: refit does not wait for it any more.
 */
export async function handBack(
  side: StoreSide,
  job: Ended,
): Promise<'unwanted' | { readonly exitCode: number; readonly isKept: boolean }> {
  const { told, patience = PATIENCE, root } = job;
  const sinceMs = performance.now();
  let made = await gather(side, job);
  for (let pauseMs = patience.firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const put = await putMade(side, job, made);
    if (put === 'unwanted') return 'unwanted';
    if (put === 'told') {
      const isKept = made.problem !== undefined;
      return { exitCode: isKept ? 1 : exitCodeOf(job.ended), isKept };
    }
    if (put !== 'later') {
      made = made.problem ? { outputs: [], problem: made.problem } : await withProblem(side, job, put);
      continue;
    }
    const signalledAtMs = told.byEngineAtMs() ?? Number.POSITIVE_INFINITY;
    if (performance.now() > Math.min(sinceMs + patience.forMs, signalledAtMs + AFTER_SIGNAL_MS)) break;
    await waitFor(told.signal.aborted ? Math.min(pauseMs, AFTER_SIGNAL_PAUSE_MS) : pauseMs, told.unwanted);
  }
  const lost = job.isLasting ? `what the command made is in ${root}` : 'what the command made is lost';
  if (job.isLasting) keepScratch(root);
  process.stderr.write(`refit: the store cannot be reached; ${lost}\n`);
  return { exitCode: STORE_UNREACHABLE, isKept: true };
}

/** Outputs of a command that has succeeded, and the checkpoint of one that has not. */
async function gather(side: StoreSide, job: Ended): Promise<Made> {
  const { spec, current, root, ended } = job;
  const isGood = hasSucceeded(ended.outcome);
  if (!isGood) return gatherCheckpoint(side, job);
  const listed = await side.list(root, [...spec.outputs, current.metricsPath]);
  if (!listed.ok) return withProblem(side, job, listed.error);
  const metrics = listed.value.find(({ path }) => path === current.metricsPath);
  const outputs = listed.value.filter((one) => one !== metrics);
  return { outputs, ...(metrics === undefined ? {} : { metrics }) };
}

async function gatherCheckpoint(side: StoreSide, job: Ended): Promise<Made> {
  const { spec, root } = job;
  if (spec.checkpoint === undefined) return { outputs: [] };
  const listed = await side.list(root, [spec.checkpoint]);
  if (listed.ok) return { outputs: [], checkpoint: listed.value };
  return { outputs: [], problem: keptBy(job, listed.error) };
}

/** A problem that says where everything is that the command made. */
const keptBy = ({ isLasting, root }: Ended, problem: StagingProblem): StagingProblem =>
  isLasting ? { ...problem, kept: root } : problem;

/** Outputs that cannot be put stay on the node. The next attempt goes on from the checkpoint, if that can be put. */
async function withProblem(side: StoreSide, job: Ended, problem: StagingProblem): Promise<Made> {
  if (job.isLasting) keepScratch(job.root);
  const { checkpoint = [] } = await gatherCheckpoint(side, job);
  const put = await side.put(job.root, checkpoint, job.told.unwanted);
  return { outputs: [], problem: keptBy(job, problem), ...(put.ok && checkpoint.length > 0 ? { checkpoint } : {}) };
}

/** `later`: the store is away. A problem is one that stays. */
async function putMade(
  side: StoreSide,
  { root, told, log, ended, node, isLasting }: Ended,
  made: Made,
): Promise<'told' | 'unwanted' | 'later' | StagingProblem> {
  // Pieces of the log may have gone into the empty folder of a share that was not mounted.
  if (told.wasBlind()) log.again();
  const entries: readonly StagedEntry[] = [
    ...made.outputs,
    ...(made.metrics ? [made.metrics] : []),
    ...(made.checkpoint ?? []),
  ];
  // The engine sees a program on a node. Of one in a pod it does not know what it does.
  if (!isLasting) await side.sayThatItSends();
  const put = await side.put(root, entries, told.unwanted);
  if (told.unwanted.aborted) return 'unwanted';
  if (!put.ok && put.error.cause !== 'unreachable') return put.error;
  if (!put.ok || !(await log.end())) return 'later';
  const { outcome, durationMs } = ended;
  const result: StagedResult = { outcome, isTold: outcome.kind === 'cancelled', durationMs, node, ...made };
  const refused = tooLong('the result of the job', JSON.stringify(result));
  if (refused !== undefined) return refused;
  const word = await side.word();
  if (word === 'unwanted') return 'unwanted';
  if (word === 'unknown') {
    log.again();
    return 'later';
  }
  return (await side.tell(result)) ? 'told' : 'later';
}

/** The exit code of the program on a node for the end of its command: that of the command, 127 if it could not start, else 1. */
export function exitCodeOf({ outcome }: Ended['ended']): number {
  if (outcome.kind === 'exited') return outcome.exitCode;
  return outcome.kind === 'not-started' ? 127 : 1;
}
