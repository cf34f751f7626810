import { createHash } from 'node:crypto';
import type { Estimate } from '../domain/data/performance.js';
import { apart, type Failure } from '../domain/failure.js';
import type { MetricCommand, Pipeline } from '../domain/pipeline/pipeline.js';
import type { LogSpan, PredictionLog } from '../domain/ports/prediction-log.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { resolveCommand } from '../execute/attempt/command.js';
import { withoutSecrets } from '../execute/attempt/environment.js';
import { failureOf, runCommand } from '../execute/attempt/run-command.js';
import { parseMetrics } from '../execute/metrics/metrics.js';
import { readInputs } from '../execute/step-inputs.js';
import type { WatchedMetric } from './watched-metric.js';

const TIMEOUT_MS = 60_000;
const Z = 1.96;

/** The metrics that the pipeline's own commands measure on the log's rows (`monitor.metrics`). */
export async function ownMetrics(
  services: Services,
  pipeline: Pipeline,
  log: PredictionLog,
): Promise<Result<readonly WatchedMetric[], Failure>> {
  const found: WatchedMetric[] = [];
  for (const metric of pipeline.monitor?.metrics ?? []) {
    const argv = resolveCommand(metric.command, { params: pipeline.params });
    const inputs = await readInputs(services, `metric ${metric.name}`, metric.inputs, new Map());
    if (!inputs.ok) return inputs;
    const identity = createHash('sha256')
      .update(JSON.stringify([argv, inputs.value.parts]))
      .digest('hex')
      .slice(0, 12);
    found.push({
      name: metric.name,
      isHigherBetter: metric.direction === 'higher',
      isShare: false,
      identity: `${metric.name}#${identity}`,
      measure: async ({ label }, span) =>
        label.length === 0
          ? ok(undefined)
          : measureBy(services, pipeline, { metric, argv, log, span, rows: label.length }),
    });
  }
  return ok(found);
}

interface Asked {
  readonly metric: MetricCommand;
  readonly argv: readonly string[];
  readonly log: PredictionLog;
  readonly span: LogSpan;
  readonly rows: number;
}

/** Passes the labelled rows of the span to the command as a CSV file, and reads its result. */
async function measureBy(
  services: Services,
  pipeline: Pipeline,
  { metric, argv, log, span, rows }: Asked,
): Promise<Result<Estimate, Failure>> {
  const scratch = await services.files.makeScratch('metric');
  try {
    const written = await log.writeLabelled(span, services.files.absolute(`${scratch}/rows.csv`));
    if (!written.ok) return written;
    await services.files.makeFolder('.refit/logs/metrics');
    const timeoutMs = metric.timeoutMs ?? TIMEOUT_MS;
    const logPath = `.refit/logs/metrics/${pipeline.name}.log`;
    const result = await runCommand(services, {
      argv,
      env: {
        ...withoutSecrets(pipeline, services.surroundings.env()),
        REFIT_STEP: `metric ${metric.name}`,
        REFIT_ROWS: services.files.absolute(`${scratch}/rows.csv`),
        REFIT_METRICS: services.files.absolute(`${scratch}/metrics.jsonl`),
      },
      environment: pipeline.environment,
      logPath,
      timeoutMs,
    });
    const step = `metric ${metric.name}`;
    const failure = failureOf(result, { step, logPath, timeoutMs });
    if (failure !== undefined) return err(apart(failure));
    const text = await services.files.readText(`${scratch}/metrics.jsonl`);
    return readValue(metric.name, text.ok ? text.value : '{}', rows);
  } finally {
    await services.files.remove(scratch);
  }
}

/** `{"<name>": 12.5}`, with `"standard_error"` if it is known. */
function readValue(name: string, text: string, rows: number): Result<Estimate, Failure> {
  const failed = (problem: string, key?: string): Result<Estimate, Failure> =>
    err({
      code: 'metrics-invalid',
      step: `metric ${name}`,
      path: 'REFIT_METRICS',
      problem,
      key,
    });
  const parsed = parseMetrics('metrics.jsonl', text);
  if (!parsed.ok) return failed(parsed.error.problem, parsed.error.key);
  const of = (key: string): number | undefined => parsed.value.points.findLast((point) => point.key === key)?.value;
  const [value, standardError = 0] = [of(name), of('standard_error')];
  if (value === undefined) return failed(`it holds no number "${name}"`);
  if (standardError < 0) return failed('it is negative', 'standard_error');
  return ok({ value, standardError, lower: value - Z * standardError, upper: value + Z * standardError, rows });
}
