import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../domain/failure.js';
import type { ExecutionId, RunId } from '../domain/ids.js';
import type { Pipeline, Step } from '../domain/pipeline.js';
import type { ProcessResult } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { ProcessOutcome } from '../domain/run.js';
import { backoffMs } from './backoff.js';
import { stepEnvironment } from './environment.js';
import { pathsWritten } from './outputs.js';
import { runCommand } from './run-command.js';

export interface AttemptContext {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly run: RunId;
  readonly execution: ExecutionId;
  readonly argv: readonly string[];
  /** Folder below `.refit/tmp` for the params file and REFIT_METRICS. */
  readonly scratch: string;
}

/** Tries the step's command until it exits with 0 or its retries are used up. */
export async function runAttempts(services: Services, context: AttemptContext): Promise<Result<void, Failure>> {
  const environment = stepEnvironment(context.pipeline, context.step, services.surroundings.env());
  if (!environment.ok) return environment;
  const { retries } = context.step;
  for (let number = 1; ; number++) {
    const result = await runOnce(services, context, number, environment.value);
    if (result.ok || number > retries.count || services.signal.aborted) return result;
    const delayMs = backoffMs(retries, number, `${context.run}\n${context.step.name}`);
    services.emit({
      type: 'step-retrying',
      step: context.step.name,
      attempt: number + 1,
      delayMs,
      failure: result.error,
    });
    await delay(delayMs, undefined, { signal: services.signal }).catch(() => undefined);
    if (services.signal.aborted) return err({ code: 'step-cancelled', step: context.step.name });
    await startAfresh(services, context);
  }
}

/** What the failed attempt wrote is neither an output nor a metric of the next one. */
async function startAfresh(services: Services, { step, scratch }: AttemptContext): Promise<void> {
  for (const path of [...pathsWritten(step), `${scratch}/metrics.jsonl`]) await services.files.remove(path);
}

async function runOnce(
  services: Services,
  context: AttemptContext,
  number: number,
  environment: { readonly env: Readonly<Record<string, string>>; readonly masked: readonly string[] },
): Promise<Result<void, Failure>> {
  const { step, run, execution } = context;
  const logPath = `.refit/logs/${run}/${step.name}.${number}.log`;
  const { runs } = services.registry;
  const attempt = runs.startAttempt({ execution, number, logPath, startedAt: services.clock.now() });
  services.emit({ type: 'step-started', step: step.name, attempt: number, logPath });
  const result = await runCommand(services, {
    argv: context.argv,
    env: { ...environment.env, ...(await refitVariables(services, context, number)) },
    masked: environment.masked,
    logPath,
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    onStarted: (identity) => runs.recordProcess(attempt, identity),
    onLine: (stream, line) => services.emit({ type: 'step-output', step: step.name, stream, line }),
  });
  runs.finishAttempt(attempt, { outcome: result.outcome, finishedAt: services.clock.now() });
  const failure = failureOf(step, result.outcome, result, logPath);
  return failure === undefined ? ok(undefined) : err(failure);
}

async function refitVariables(services: Services, context: AttemptContext, attempt: number) {
  const { step, pipeline, scratch } = context;
  const params = Object.fromEntries(step.params.map((name) => [name, pipeline.params[name]]));
  await services.files.writeText(`${scratch}/params.json`, `${JSON.stringify(params)}\n`);
  return {
    REFIT_RUN_ID: context.run,
    REFIT_STEP: step.name,
    REFIT_ATTEMPT: String(attempt),
    REFIT_PARAMS: services.files.absolute(`${scratch}/params.json`),
    REFIT_METRICS: services.files.absolute(`${scratch}/metrics.jsonl`),
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
