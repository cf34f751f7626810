import type { Failure } from '../../../domain/failure.js';
import type { RemoteStore } from '../../../domain/ports/remotes.js';
import type { Services } from '../../../domain/ports/services.js';
import { type JobResult, jobFiles } from '../../../domain/runs/job-files.js';
import { hasSucceeded } from '../../../domain/runs/run.js';
import { dropDamaged, fetchFrom, problemOf } from '../../../domain/runs/staged-content.js';
import { resultIn, type StagedEntry, type StagedResult, stagedNames } from '../../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../../domain/runs/staging-problem.js';
import { reasonOf, systemCode } from '../../../domain/support/system-error.js';
import { type JobRecord, type PlacedJob, readResult } from '../job-folder.js';
import { stagingFailure } from './staging-failure.js';

/** A job whose node does not see the workspace. */
export type StagedJob = PlacedJob & { readonly record: JobRecord & Required<Pick<JobRecord, 'store'>> };

/** Whether the files of a job go through a store. */
export const isStaged = (job: PlacedJob): job is StagedJob => job.record.store !== undefined;

/** Where the store keeps what belongs to the jobs of a run. */
export const placeOf = ({ record: { store, run } }: StagedJob) => ({ area: store.area, run });

export interface LogPiece {
  readonly name: string;
  readonly path: string;
  readonly from: number;
}

/** How far something has come. */
export type Brought =
  | { readonly kind: 'here' }
  /** The store did not deliver it. It will be asked again. */
  | { readonly kind: 'later'; readonly failure: Failure }
  /** The store lists it but does not have it. */
  | { readonly kind: 'missing' };

type BroughtLogs =
  | Exclude<Brought, { kind: 'missing' }>
  /** An earlier piece of the log is missing. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'stuck'; readonly problem: StagingProblem };

type BroughtResult =
  | Brought
  /** The job was cancelled but succeeded before it noticed. */
  | { readonly kind: 'unwanted' }
  /** This machine cannot store it. Everything stays in the store. */
  | { readonly kind: 'stuck'; readonly result: JobResult };

const HERE = { kind: 'here' } as const;

type BringServices = Pick<Services, 'files' | 'staging'>;

/** Appends pieces to the logs and removes them from the store. Other pieces appear in its next list again. */
export async function bringLogs(
  { staging }: Pick<Services, 'staging'>,
  store: RemoteStore,
  pieces: readonly LogPiece[],
): Promise<BroughtLogs> {
  let [isWhole, stuck]: [boolean, StagingProblem?] = [true];
  for (const { name, path, from } of pieces) {
    const bytes = await store.getBytes(name);
    if (!bytes.ok && bytes.error.code === 'remote-unreachable') return { kind: 'later', failure: bytes.error };
    if (bytes.ok && bytes.value === undefined) continue;
    const added = bytes.ok && bytes.value !== undefined ? await staging.addToLog(path, from, bytes.value) : bytes;
    if (added.ok && added.value === true) await store.drop(name);
    else isWhole = false;
    if (!added.ok && 'cause' in added.error) stuck = added.error;
  }
  return stuck !== undefined ? { kind: 'stuck', problem: stuck } : isWhole ? HERE : { kind: 'gap' };
}

interface Wanted {
  readonly job: StagedJob;
  readonly restart: number;
  /** Once it aborts, no more files in the workspace are replaced. */
  readonly signal: AbortSignal;
}

const THE_RESULT = 'the result of the job';

const UNREADABLE: StagingProblem = {
  ...{ doing: 'fetch', path: THE_RESULT, cause: 'damaged' },
  reason: 'it is not in the form in which the program of refit writes it',
};

const UNTOLD = {
  ...{ isTold: false, node: '', durationMs: 0 },
  outcome: { kind: 'not-started', reason: 'its result cannot be read' },
} as const;

/** Puts the files of one try of a job in place. Writes the result last, where the rest of refit looks for it. */
export async function bringResult(
  services: BringServices,
  store: RemoteStore,
  { job, restart, signal, isCancelled }: Wanted & { readonly isCancelled: boolean },
): Promise<BroughtResult> {
  if ((await readResult(services, job, restart)) !== undefined) return HERE;
  const bytes = await store.getBytes(stagedNames.result(placeOf(job), job.task, restart));
  if (!bytes.ok && bytes.error.code === 'remote-unreachable') return { kind: 'later', failure: bytes.error };
  if (bytes.ok && bytes.value === undefined) return { kind: 'missing' };
  const told = bytes.ok ? toldBy(bytes.value, job, restart) : undefined;
  if (told !== undefined && isGood(told) && isCancelled) return { kind: 'unwanted' };
  const problem = !bytes.ok
    ? problemOf('fetch', THE_RESULT, bytes.error)
    : told === undefined
      ? UNREADABLE
      : await orDisk(() => bringContent(services, store, { job, restart, signal, told }));
  const { outcome, isTold, node, durationMs } = told ?? UNTOLD;
  const failure =
    problem !== undefined
      ? stagingFailure(job.record, problem)
      : told?.problem === undefined
        ? undefined
        : stagingFailure(job.record, told.problem, node);
  if (problem?.cause === 'unreachable' && failure !== undefined) return { kind: 'later', failure };
  const result: JobResult = { outcome, isTold, node, durationMs, ...(failure === undefined ? {} : { failure }) };
  if (problem?.cause === 'disk') return { kind: 'stuck', result };
  const refused = await orDisk(() => writeResult(services, { job, restart, signal }, result));
  if (refused === undefined) return HERE;
  return { kind: 'stuck', result: { ...result, failure: stagingFailure(job.record, refused) } };
}

/** The result of a job whose files cannot be stored on this machine. */
export const resultStuckBy = (job: StagedJob, problem: StagingProblem): JobResult => ({
  ...UNTOLD,
  outcome: { kind: 'not-started', reason: `${problem.path}: ${problem.reason}` },
  failure: stagingFailure(job.record, problem),
});

/**
 * Fetches only the checkpoint of an earlier try, which later tries can start from. Its outputs are not needed: a later try
 * makes them again.
 */
export async function bringCheckpoint(
  services: BringServices,
  store: RemoteStore,
  { job, restart, signal }: Wanted,
): Promise<Brought> {
  const { checkpoint } = job.record.store;
  if (checkpoint === undefined) return HERE;
  const bytes = await store.getBytes(stagedNames.result(placeOf(job), job.task, restart));
  if (!bytes.ok && bytes.error.code === 'remote-unreachable') return { kind: 'later', failure: bytes.error };
  const told = bytes.ok ? toldBy(bytes.value, job, restart) : undefined;
  if (told === undefined || isGood(told)) return HERE;
  const problem = await orDisk(() => bringContent(services, store, { job, restart, signal, told }));
  if (problem?.cause !== 'unreachable') return HERE;
  return { kind: 'later', failure: stagingFailure(job.record, problem) };
}

const isGood = ({ outcome, problem }: StagedResult): boolean => hasSucceeded(outcome) && problem === undefined;

const toldBy = (bytes: Uint8Array | undefined, { record }: StagedJob, restart: number): StagedResult | undefined =>
  bytes === undefined
    ? undefined
    : resultIn(Buffer.from(bytes).toString('utf8'), {
        outputs: record.store.outputs,
        metrics: record.tries[restart]?.metricsPath ?? '',
        checkpoint: record.store.checkpoint,
      });

/** Turns an error of this machine's disk into a problem. */
async function orDisk(work: () => Promise<StagingProblem | undefined>): Promise<StagingProblem | undefined> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return { doing: 'fetch', path: THE_RESULT, cause: 'disk', reason: reasonOf(error) };
  }
}

async function writeResult(
  { files, staging }: BringServices,
  { job, restart, signal }: Wanted,
  result: JobResult,
): Promise<StagingProblem | undefined> {
  // A command that printed nothing still gets a log file.
  const logged = await staging.addToLog(job.record.tries[restart]?.logPath ?? '', 0, new Uint8Array());
  if (!logged.ok) return logged.error;
  const path = `${job.folder}/${jobFiles.result(job.task, restart)}`;
  signal.throwIfAborted();
  // A result that was cut off by a kill does not count.
  await files.remove(path);
  await files.writePrivate(path, `${JSON.stringify(result)}\n`);
  return undefined;
}

/** Puts the outputs and metrics of a command that succeeded in place, or the checkpoint of one that failed. */
async function bringContent(
  services: BringServices,
  store: RemoteStore,
  { job, restart, signal, told }: Wanted & { readonly told: StagedResult },
): Promise<StagingProblem | undefined> {
  const { area, outputs, checkpoint } = job.record.store;
  const fetch = fetchFrom(store, area);
  const bring = async (entries: readonly StagedEntry[], paths: readonly string[], into = false) => {
    const placed = await services.staging.place(entries, paths, { fetch, into, signal });
    if (placed.ok) return undefined;
    await dropDamaged(store, area, entries, placed.error);
    return placed.error;
  };
  if (!isGood(told))
    return checkpoint === undefined || told.checkpoint === undefined
      ? undefined
      : bring(told.checkpoint, [checkpoint], true);
  const metrics = told.metrics === undefined ? [] : [told.metrics];
  const metricsPath = job.record.tries[restart]?.metricsPath;
  return (
    (await bring(told.outputs, outputs)) ?? (metricsPath === undefined ? undefined : bring(metrics, [metricsPath]))
  );
}
