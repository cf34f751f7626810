import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../domain/failure.js';
import type { AttemptId, ExecutionId, RunId } from '../domain/ids.js';
import type { Pipeline, Step } from '../domain/pipeline.js';
import type { ProcessResult } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { ProcessOutcome } from '../domain/run.js';
import type { StepEnvironment } from './environment.js';
import { runCommand } from './run-command.js';

export interface AttemptContext {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly run: RunId;
  readonly argv: readonly string[];
  /** Folder of the run for params files and REFIT_METRICS. */
  readonly scratch: string;
}

/** The attempt that exited with 0. */
export interface LastAttempt {
  readonly logPath: string;
  /** Where REFIT_METRICS pointed. */
  readonly metricsPath: string;
}

/** The tries of one step. `open` and `close` are registry calls for the transactions that begin and end the execution. */
export interface Attempts {
  readonly open: (execution: ExecutionId) => void;
  readonly run: (environment: StepEnvironment) => Promise<Result<LastAttempt, Failure>>;
  readonly close: () => void;
}

interface OpenAttempt {
  readonly id: AttemptId;
  readonly execution: ExecutionId;
  readonly number: number;
  readonly logPath: string;
  outcome?: ProcessOutcome;
}

/** Tries the step's command until it exits with 0 or its retries are used up. */
export function createAttempts(services: Services, context: AttemptContext): Attempts {
  const { runs } = services.registry;
  let current: OpenAttempt | undefined;
  const open = (execution: ExecutionId, number: number): OpenAttempt => {
    const logPath = `.refit/logs/${context.run}/${context.step.name}.${number}.log`;
    const id = runs.startAttempt({ execution, number, logPath, startedAt: services.clock.now() });
    current = { id, execution, number, logPath };
    return current;
  };
  const close = (): void => {
    if (current?.outcome === undefined) return;
    runs.finishAttempt(current.id, { outcome: current.outcome, finishedAt: services.clock.now() });
    current = undefined;
  };
  const run = async (environment: StepEnvironment): Promise<Result<LastAttempt, Failure>> => {
    for (let attempt = current; attempt !== undefined; ) {
      const { execution, number } = attempt;
      const result = await runOnce(services, context, attempt, environment);
      if (result.ok || number > context.step.retries.count || services.signal.aborted) return result;
      await pause(services, context.step, number, result.error);
      const next = await services.registry.write(() => {
        close();
        return open(execution, number + 1);
      });
      if (!next.ok) return next;
      attempt = next.value;
    }
    throw new Error('internal error: attempts run before they were opened');
  };
  return { open: (execution) => void open(execution, 1), close, run };
}

async function pause(services: Services, step: Step, number: number, failure: Failure): Promise<void> {
  const { retries } = step;
  const delayMs = retries.delayMs * (retries.backoff === 'exponential' ? 2 ** (number - 1) : 1);
  services.emit({ type: 'step-retrying', step: step.name, attempt: number + 1, delayMs, failure });
  await delay(delayMs, undefined, { signal: services.signal }).catch(() => undefined);
}

async function runOnce(
  services: Services,
  context: AttemptContext,
  attempt: OpenAttempt,
  environment: StepEnvironment,
): Promise<Result<LastAttempt, Failure>> {
  const { step } = context;
  const { logPath, number } = attempt;
  const { runs } = services.registry;
  const variables = await refitVariables(services, context, number);
  services.emit({ type: 'step-started', step: step.name, attempt: number, logPath });
  const result = await runCommand(services, {
    argv: context.argv,
    env: { ...environment.env, ...variables },
    masked: environment.masked,
    logPath,
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    // travels with the next commit, and fails with it; an orphan is also found by its environment
    onStarted: (identity) => void services.registry.write(() => runs.recordProcess(attempt.id, identity)),
    onLine: (stream, line) => services.emit({ type: 'step-output', step: step.name, stream, line }),
  });
  attempt.outcome = result.outcome;
  const failure = failureOf(step, result.outcome, result, logPath);
  return failure === undefined ? ok({ logPath, metricsPath: metricsPathOf(context, number) }) : err(failure);
}

/** Each attempt has its own: a later one must not add to the metrics of one that failed. */
const metricsPathOf = ({ scratch, step }: AttemptContext, attempt: number): string =>
  `${scratch}/${step.name}.${attempt}.metrics.jsonl`;

async function refitVariables(services: Services, context: AttemptContext, attempt: number) {
  const { step, pipeline, scratch, run } = context;
  const params = Object.fromEntries(step.params.map((name) => [name, pipeline.params[name]]));
  const paramsPath = `${scratch}/${step.params.length === 0 ? 'none' : step.name}.params.json`;
  await services.files.writeScratch(paramsPath, `${JSON.stringify(params)}\n`);
  return {
    REFIT_RUN_ID: run,
    REFIT_STEP: step.name,
    REFIT_ATTEMPT: String(attempt),
    REFIT_PARAMS: services.files.absolute(paramsPath),
    REFIT_METRICS: services.files.absolute(metricsPathOf(context, attempt)),
  };
}

function failureOf(step: Step, outcome: ProcessOutcome, result: ProcessResult, logPath: string): Failure | undefined {
  const seen = { step: step.name, logPath, tail: result.tail };
  switch (outcome.kind) {
    case 'exited':
      return outcome.exitCode === 0 ? undefined : { code: 'step-exited', exitCode: outcome.exitCode, ...seen };
    case 'signalled':
      return { code: 'step-signalled', signal: outcome.signal, ...seen };
    case 'timed-out':
      return { code: 'step-timed-out', afterMs: step.timeoutMs ?? result.durationMs, ...seen };
    case 'cancelled':
      return { code: 'step-cancelled', step: step.name };
    case 'not-started':
      return { code: 'step-not-started', step: step.name, reason: outcome.reason };
  }
}
