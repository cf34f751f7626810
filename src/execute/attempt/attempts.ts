import type { Failure } from '../../domain/failure.js';
import type { AttemptId, ExecutionId, RunId, WorkspacePath } from '../../domain/ids.js';
import type { StepImages } from '../../domain/pipeline/container.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { ProcessIdentity, ProcessOutcome } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';
import { waitFor } from '../../domain/support/wait.js';
import { failureInImage, runStepCommand } from '../containers/run-step-command.js';
import { tracedArgv } from '../trace/trace.js';
import { backoffMs } from './backoff.js';
import { hasCheckpoint } from './checkpoint.js';
import type { StepEnvironment } from './environment.js';
import { mayRetry } from './may-retry.js';
import { pathsWritten } from './outputs.js';
import { failureOf } from './run-command.js';
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
}

/** The attempt that exited with 0. */
export interface LastAttempt {
  readonly logPath: string;
  /** Where REFIT_METRICS pointed. */
  readonly metricsPath: string;
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
  ended?: { readonly outcome: ProcessOutcome; readonly finishedAt: Instant };
}

/** Runs the step's command until it exits with 0 or no retries are left. */
export function createAttempts(services: Services, context: AttemptContext): Attempts {
  const { runs } = services.registry;
  const create = (number: number): Attempt => ({
    number,
    logPath: `.refit/logs/${context.run}/${context.step.name}.${number}.log`,
    startedAt: services.clock.now(),
  });
  const close = ({ id, ended }: Attempt): void => {
    if (id !== undefined && ended !== undefined) runs.finishAttempt(id, ended);
  };
  let execution: ExecutionId | undefined;
  const open = (attempt: Attempt): void => {
    if (execution === undefined) throw new Error('internal error: an attempt before its execution');
    attempt.id = runs.startAttempt({ execution, ...attempt });
  };
  let current = create(1);
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
      for (;;) {
        const result = await runOnce(services, context, current, environment);
        if (result.ok || services.signal.aborted) return result;
        if (!mayRetry(context.step.retries, current.number, result.error)) return result;
        const [before, next] = [current, create(current.number + 1)];
        // Report the failure before the delay, which may be long.
        writeLater(services, () => close(before));
        await pause(services, context, before.number, result.error);
        if (services.signal.aborted) return err({ code: 'step-cancelled', step: context.step.name });
        // Remove what the failed attempt wrote: it must not become an output of the next one.
        for (const path of pathsWritten(context.step)) await services.files.remove(path);
        next.startedAt = services.clock.now();
        const opened = await services.registry.write(() => open(next));
        if (!opened.ok) return opened;
        current = next;
      }
    },
  };
}

/**
 * Written with the next commit. If that fails, `forget` is called, and it is written, or its fault reported, when the execution
 * ends.
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
  number: number,
  failure: Failure,
): Promise<void> {
  const delayMs = backoffMs(step.retries, number, `${run}\n${step.name}`);
  services.emit({ type: 'step-retrying', step: step.name, attempt: number + 1, delayMs, failure });
  await waitFor(delayMs, services.signal);
}

async function runOnce(
  services: Services,
  context: AttemptContext,
  attempt: Attempt,
  environment: StepEnvironment,
): Promise<Result<LastAttempt, Failure>> {
  const { step } = context;
  const { logPath, number } = attempt;
  const { runs } = services.registry;
  const variables = await refitVariables(services, context, number);
  services.emit({ type: 'step-started', step: step.name, attempt: number, logPath });
  const stopWaiting = announceUsualDuration(services, context);
  const result = await runStepCommand(
    services,
    { ...context, attempt: number },
    {
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
  );
  stopWaiting();
  attempt.ended = { outcome: result.outcome, finishedAt: services.clock.now() };
  const failure = await noticeFullDisk(
    services,
    failureInImage(failureOf(result, { step: step.name, logPath, timeoutMs: step.timeoutMs }), context),
  );
  return failure === undefined ? ok({ logPath, metricsPath: metricsPathOf(context, number) }) : err(failure);
}

/** With less free space than this, nothing can be written. */
const FULL_BYTES = 64 * 1024;

async function noticeFullDisk(services: Services, failure: Failure | undefined): Promise<Failure | undefined> {
  if (failure?.code !== 'step-exited') return failure;
  const free = await services.files.freeBytes();
  return free !== undefined && free < FULL_BYTES ? { ...failure, isDiskFull: true } : failure;
}

/** One file per attempt, so that a retry does not append to the metrics of a failed attempt. */
const metricsPathOf = ({ scratch, step }: AttemptContext, attempt: number): string =>
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
  const paramsPath = `${scratch}/${step.params.length === 0 ? NO_PARAMS : `${step.name}.params.json`}`;
  if (step.params.length > 0) await services.files.writeScratch(paramsPath, `${JSON.stringify(params)}\n`);
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
