import type { Failure } from '../../domain/failure.js';
import type { AttemptId, ExecutionId, RunId, WorkspacePath } from '../../domain/ids.js';
import type { StepImages } from '../../domain/pipeline/container.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { CollectedJob, Executor, JobWork, SubmittedJob } from '../../domain/ports/executors.js';
import type { Services } from '../../domain/ports/services.js';
import type { EngineJob } from '../../domain/runs/job.js';
import type { ProcessIdentity, ProcessOutcome } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';
import { waitFor } from '../../domain/support/wait.js';
import { failureInImage } from '../containers/run-step-command.js';
import { runJob } from '../executors/run-job.js';
import { tracedArgv } from '../trace/trace.js';
import { backoffMs } from './backoff.js';
import { hasCheckpoint } from './checkpoint.js';
import type { StepEnvironment } from './environment.js';
import { mayRetry } from './may-retry.js';
import { pathsWritten } from './outputs.js';
import { failureOf, notStarted } from './run-command.js';
import { announceUsualDuration } from './usual-duration.js';

export interface AttemptContext {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly run: RunId;
  readonly argv: readonly string[];
  /** Where strace writes what the step opens; without it nothing is traced. */
  readonly tracePath?: string;
  /** Folder of the run for params files and REFIT_METRICS. */
  readonly scratch: string;
  /** Absent where no step of the run has an image. */
  readonly images?: StepImages;
  readonly executor: Executor;
  readonly work: JobWork;
  readonly reads: readonly string[];
}

/** The attempt that exited with 0. */
export interface LastAttempt {
  readonly logPath: string;
  /** Where REFIT_METRICS pointed. */
  readonly metricsPath: string;
  /** For after the result is recorded: removes what refit kept to find the job again. */
  readonly forget: () => Promise<void>;
}

/**
 * The attempts of one step. `open` and `close` are registry calls that belong in the transactions that begin and end
 * the execution.
 */
export interface Attempts {
  readonly open: (execution: ExecutionId) => void;
  /** Forgets the rows of `open`, because the disk refused them. They are written again with the end of the execution. */
  readonly forget: () => void;
  readonly run: (environment: StepEnvironment) => Promise<Result<LastAttempt, Failure>>;
  readonly close: () => void;
}

/** One attempt. Its rows are written in order, possibly after the process has started. */
interface Attempt {
  readonly number: number;
  readonly logPath: string;
  startedAt: Instant;
  id?: AttemptId;
  process?: ProcessIdentity;
  job?: EngineJob;
  ended?: { readonly outcome: ProcessOutcome; readonly finishedAt: Instant };
}

/**
 * Runs the step's command until it exits with 0 or no retries are left. `left`: a job that goes on already, which a killed refit
 * submitted.
 */
export function createAttempts(services: Services, context: AttemptContext, left?: SubmittedJob): Attempts {
  const { runs } = services.registry;
  const create = (number: number, job?: SubmittedJob): Attempt => ({
    number,
    logPath: job?.logPath ?? `.refit/logs/${context.run}/${context.step.name}.${number}.log`,
    startedAt: services.clock.now(),
  });
  const close = ({ id, ended, job }: Attempt): void => {
    if (id === undefined) return;
    if (job !== undefined) runs.recordJob(id, job);
    if (ended !== undefined) runs.finishAttempt(id, ended);
  };
  let execution: ExecutionId | undefined;
  const open = (attempt: Attempt): void => {
    if (execution === undefined) throw new Error('internal error: an attempt before its execution');
    attempt.id = runs.startAttempt({ execution, ...attempt });
  };
  let current = create(left?.number ?? 1, left);
  return {
    open: (begun) => {
      execution = begun;
      open(current);
    },
    forget: () => {
      execution = undefined;
      current.id = undefined;
    },
    close: () => close(current),
    run: async (environment) => {
      for (let job = left; ; ) {
        const { result, next: requeued } = await runOnce(services, context, { attempt: current, environment, job });
        if (result.ok) return result;
        if (requeued === undefined) {
          if (services.signal.aborted || !mayRetry(context.step.retries, current.number, result.error)) return result;
        }
        const [before, next] = [current, create(requeued?.number ?? current.number + 1, requeued)];
        // Report the failure before the delay, which may be long.
        writeLater(services, () => close(before));
        await pause(services, context, {
          attempt: next.number,
          failure: result.error,
          isRequeued: requeued !== undefined,
        });
        // The engine starts its next try by itself, and the program on the node removes what this one wrote.
        if (requeued === undefined) {
          if (services.signal.aborted) return err({ code: 'step-cancelled', step: context.step.name });
          // Remove what the failed attempt wrote: it must not become an output of the next one.
          for (const path of pathsWritten(context.step)) await services.files.remove(path);
        }
        next.startedAt = services.clock.now();
        const opened = await services.registry.write(() => open(next));
        if (!opened.ok) return opened;
        [current, job] = [next, requeued];
      }
    },
  };
}

/**
 * Does the work with the next commit. If that commit fails, `forget` is called: the same rows are then written when the execution
 * ends, or their fault is reported there.
 */
export function writeLater(services: Pick<Services, 'registry'>, work: () => void, forget?: () => void): void {
  services.registry.write(work).then(
    (written) => (written.ok ? undefined : forget?.()),
    () => forget?.(),
  );
}

async function pause(
  services: Services,
  { run, step }: AttemptContext,
  {
    attempt,
    failure,
    isRequeued,
  }: { readonly attempt: number; readonly failure: Failure; readonly isRequeued: boolean },
): Promise<void> {
  const delayMs = isRequeued ? 0 : backoffMs(step.retries, attempt - 1, `${run}\n${step.name}`);
  services.emit({ type: 'step-retrying', step: step.name, attempt, delayMs, failure });
  await waitFor(delayMs, services.signal);
}

interface OneAttempt {
  readonly attempt: Attempt;
  readonly environment: StepEnvironment;
  /** The job, if it is submitted already. */
  readonly job: SubmittedJob | undefined;
}

interface OnceRun {
  readonly result: Result<LastAttempt, Failure>;
  /** The engine has put the job back into its queue. */
  readonly next?: SubmittedJob;
}

async function runOnce(services: Services, context: AttemptContext, one: OneAttempt): Promise<OnceRun> {
  const { step } = context;
  const { attempt } = one;
  const { logPath } = attempt;
  services.emit({ type: 'step-started', step: step.name, attempt: attempt.number, logPath });
  const stopWaiting = announceUsualDuration(services, context);
  const submitted = one.job === undefined ? await submit(services, context, one) : ok(one.job);
  const recorded = submitted.ok ? await recordJob(services, attempt, submitted.value.job) : ok(undefined);
  const ended: CollectedJob = submitted.ok
    ? await runJob(services.signal, submitted.value, { onNode: (job) => noteNode(services, attempt, job) })
    : notStarted(submitted.error);
  stopWaiting();
  attempt.job = ended.job;
  attempt.ended = { outcome: ended.outcome, finishedAt: services.clock.now() };
  const forget = submitted.ok ? submitted.value.forget : async () => undefined;
  const failure = recorded.ok
    ? (ended.failure ?? (await failureAt(services, context, { ended, logPath })))
    : recorded.error;
  if (failure === undefined && submitted.ok)
    return { result: ok({ logPath, metricsPath: submitted.value.metricsPath, forget }) };
  if (ended.next === undefined) await forget();
  return { result: err(failure ?? { code: 'step-cancelled', step: step.name }), next: ended.next };
}

/** Why the command did not succeed. */
function failureAt(
  services: Services,
  context: AttemptContext,
  { ended, logPath }: { readonly ended: CollectedJob; readonly logPath: string },
): Promise<Failure | undefined> {
  const { name, timeoutMs } = context.step;
  return noticeFullDisk(services, failureInImage(failureOf(ended, { step: name, logPath, timeoutMs }), context));
}

/** Records the job before refit waits for it, so that the next command after a kill finds it. */
async function recordJob(
  services: Services,
  attempt: Attempt,
  job: EngineJob | undefined,
): Promise<Result<void, Failure>> {
  attempt.job = job;
  const { id } = attempt;
  if (job === undefined || id === undefined) return ok(undefined);
  return services.registry.write(() => services.registry.runs.recordJob(id, job));
}

function noteNode(services: Services, attempt: Attempt, job: EngineJob): void {
  attempt.job = job;
  const { id } = attempt;
  if (id !== undefined) writeLater(services, () => services.registry.runs.recordJob(id, job));
}

async function submit(
  services: Services,
  context: AttemptContext,
  { attempt, environment }: OneAttempt,
): Promise<Result<SubmittedJob, string>> {
  const { step, executor, pipeline, run, images, work, reads } = context;
  const { logPath, number } = attempt;
  const { runs } = services.registry;
  const scratch = await executor.folderOf(step, number, context.scratch as WorkspacePath);
  const variables = await refitVariables(services, { ...context, scratch }, number);
  const metricsPath = metricsPathOf({ scratch, step }, number);
  return executor.submit({
    ...{ pipeline, step, run, images, work, reads, attempt: number, metricsPath },
    command: {
      argv:
        context.tracePath === undefined
          ? context.argv
          : tracedArgv(context.argv, services.files.absolute(`${context.tracePath}.${number}`)),
      env: { ...environment.env, ...variables },
      environment: step.environment,
      masked: environment.masked,
      logPath,
      timeoutMs: step.timeoutMs,
      // Written with the next commit. Losing it is safe: an orphaned process is also found by its environment.
      onStarted: (identity) => {
        attempt.process = identity;
        const { id } = attempt;
        if (id !== undefined) writeLater(services, () => runs.recordProcess(id, identity));
      },
      onLine: (stream, line) => services.emit({ type: 'step-output', step: step.name, stream, line }),
    },
  });
}

/** With less free space than this, nothing can be written. */
const FULL_BYTES = 64 * 1024;

async function noticeFullDisk(services: Services, failure: Failure | undefined): Promise<Failure | undefined> {
  if (failure?.code !== 'step-exited') return failure;
  const free = await services.files.freeBytes();
  return free !== undefined && free < FULL_BYTES ? { ...failure, isDiskFull: true } : failure;
}

/** One file per attempt, so that a retry does not append to the metrics of a failed attempt. */
const metricsPathOf = ({ scratch, step }: Pick<AttemptContext, 'scratch' | 'step'>, attempt: number): string =>
  `${scratch}/${step.name}.${attempt}.metrics.jsonl`;

const NO_PARAMS = 'no-params.json';

/** The folder for params and metrics files of one run. Steps without params share one file, written once. */
export async function makeRunScratch(services: Pick<Services, 'files'>): Promise<WorkspacePath> {
  const scratch = await services.files.makeScratch('run');
  await services.files.writeScratch(`${scratch}/${NO_PARAMS}`, '{}\n');
  return scratch;
}

async function refitVariables(services: Services, context: AttemptContext, attempt: number) {
  const { step, pipeline, scratch, run } = context;
  const params = Object.fromEntries(step.params.map((name) => [name, pipeline.params[name]]));
  const isShared = step.params.length === 0 && context.executor.isLocal;
  const paramsPath = `${scratch}/${isShared ? NO_PARAMS : `${step.name}.params.json`}`;
  if (!isShared) await services.files.writeScratch(paramsPath, `${JSON.stringify(params)}\n`);
  return {
    REFIT_RUN_ID: run,
    REFIT_STEP: step.name,
    REFIT_ATTEMPT: String(attempt),
    REFIT_RESUME: (await hasCheckpoint(services, step)) ? '1' : '0',
    ...(step.checkpoint === undefined ? {} : { REFIT_CHECKPOINT: services.files.absolute(step.checkpoint) }),
    REFIT_PARAMS: services.files.absolute(paramsPath),
    REFIT_METRICS: services.files.absolute(metricsPathOf(context, attempt)),
  };
}
