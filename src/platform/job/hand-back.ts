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

/** How long the program goes on trying while the store cannot be reached after the command has ended. */
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
  /** The scratch folder is kept after the program has ended. */
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
 * Uploads the outputs of a command, and last its result, which marks the upload as complete. Retries while the store
 * cannot be reached, because this node has the only copy. `unwanted`: refit no longer waits for the job.
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

/** The outputs of a command that succeeded, or the checkpoint of one that failed. */
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

/** Adds to a problem the folder that holds everything the command made. */
const keptBy = ({ isLasting, root }: Ended, problem: StagingProblem): StagingProblem =>
  isLasting ? { ...problem, kept: root } : problem;

/**
 * Outputs that cannot be uploaded stay on the node. The next attempt continues from the checkpoint, if that can be
 * uploaded.
 */
async function withProblem(side: StoreSide, job: Ended, problem: StagingProblem): Promise<Made> {
  if (job.isLasting) keepScratch(job.root);
  const { checkpoint = [] } = await gatherCheckpoint(side, job);
  const put = await side.put(job.root, checkpoint, job.told.unwanted);
  return { outputs: [], problem: keptBy(job, problem), ...(put.ok && checkpoint.length > 0 ? { checkpoint } : {}) };
}

/** `later`: the store cannot be reached now. A problem is permanent. */
async function putMade(
  side: StoreSide,
  { root, told, log, ended, node, isLasting }: Ended,
  made: Made,
): Promise<'told' | 'unwanted' | 'later' | StagingProblem> {
  // The share may have been unmounted for a while: pieces of the log then went into its empty mount point.
  if (told.wasBlind()) log.again();
  const entries: readonly StagedEntry[] = [
    ...made.outputs,
    ...(made.metrics ? [made.metrics] : []),
    ...(made.checkpoint ?? []),
  ];
  // An engine observes the program on a node itself. It cannot tell what the program in a pod is doing.
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

/** The exit code of the program on a node: that of its command, 127 if the command could not start, otherwise 1. */
export function exitCodeOf({ outcome }: Ended['ended']): number {
  if (outcome.kind === 'exited') return outcome.exitCode;
  return outcome.kind === 'not-started' ? 127 : 1;
}
