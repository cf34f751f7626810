import { createHash } from 'node:crypto';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, RunId, StepName } from '../domain/ids.js';
import type { Command, Pipeline, Step } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { Run, RunStatus } from '../domain/run.js';
import type { RunOptions, RunReport } from '../domain/run-report.js';
import { runGraph } from '../execute/scheduler.js';
import { inOrder } from '../plan/select-steps.js';
import { chosenSteps, resolveUsedDatasets } from './plan-pipeline.js';
import { loadLimits, withGpus } from './resource-limits.js';
import { runStep, type StepOutcome } from './run-step.js';

/**
 * Executes a pipeline: each step is decided when what it needs is there, then skipped, restored or run. The caller holds the
 * pipeline's lock. A failed step ends in the report; an error is only what prevented a run.
 */
export async function executePipeline(
  services: Services,
  pipeline: Pipeline,
  options: RunOptions,
): Promise<Result<RunReport, Failure>> {
  const steps = chosenSteps(pipeline, options);
  if (!steps.ok) return steps;
  const limits = await loadLimits(services, pipeline, steps.value);
  if (!limits.ok) return limits;
  const datasets = await resolveUsedDatasets(services, pipeline, steps.value, options);
  if (!datasets.ok) return datasets;
  const started = await startRun(services, pipeline, options);
  const context = { pipeline, options, datasets: datasets.value, runId: started };
  services.emit({
    type: 'run-started',
    run: started,
    pipeline: pipeline.name,
    steps: steps.value.map((one) => one.name),
  });
  const outcomes: StepOutcome[] = [];
  const notStarted = await runGraph(inOrder(steps.value), {
    jobs: options.jobs ?? services.machine().cpus,
    limits: limits.value,
    keepGoing: options.keepGoing ?? false,
    signal: services.signal,
    run: async (step: Step, granted) => {
      const outcome = await runStep(withGpus(services, granted), step, context);
      outcomes.push(outcome);
      return outcome.isGood;
    },
  });
  return finishRun(services, started, outcomes, notStarted);
}

async function startRun(services: Services, pipeline: Pipeline, options: RunOptions): Promise<RunId> {
  const [code, environment] = await Promise.all([
    services.surroundings.codeVersion(),
    services.surroundings.environment(programsOf(pipeline)),
  ]);
  const { diffText, ...version } = code;
  const diff = diffText === undefined ? undefined : await services.artifacts.saveText(diffText);
  return services.registry.runs.start({
    pipeline: pipeline.name,
    file: pipeline.file,
    definition: { hash: hashOf(pipeline.text), text: pipeline.text },
    trigger: options.trigger,
    ...(pipeline.profile === undefined ? {} : { profile: pipeline.profile }),
    params: pipeline.params,
    now: options.now,
    isNowGiven: options.isNowGiven,
    startedAt: services.clock.now(),
    code: { ...version, ...(diff?.ok ? { diff: diff.value.hash } : {}) },
    actor: services.surroundings.actor(),
    environment,
    process: services.processes.self(),
  });
}

const hashOf = (text: string): ContentHash => createHash('sha256').update(text).digest('hex') as ContentHash;

/** Interpreters that steps start with: their versions are part of a run's environment. */
function programsOf(pipeline: Pipeline): readonly string[] {
  const first = (command: Command): string => {
    const part = command.kind === 'shell' ? command.script[0] : command.words[0]?.[0];
    return part?.kind === 'text' ? (part.text.trim().split(/\s+/)[0] ?? '') : '';
  };
  const commands = [
    ...pipeline.steps.map((step) => step.command),
    ...(pipeline.model?.evaluate ? [pipeline.model.evaluate.command] : []),
  ];
  return [...new Set(commands.map(first))].filter((program) =>
    /^(\/?[\w./-]*\/)?(python[\d.]*|Rscript|julia)$/.test(program),
  );
}

function finishRun(
  services: Services,
  id: RunId,
  outcomes: readonly StepOutcome[],
  notStarted: readonly StepName[],
): Result<RunReport, Failure> {
  const { runs } = services.registry;
  const isTainted = outcomes.some((outcome) => outcome.isTainted);
  const hasFailed = outcomes.some((outcome) => !outcome.isGood);
  const status: RunStatus = services.signal.aborted ? 'cancelled' : hasFailed ? 'failed' : 'succeeded';
  runs.finish(id, { status, isTainted, finishedAt: services.clock.now() });
  const run = readRun(services, id);
  services.emit({
    type: 'run-finished',
    run: id,
    status,
    durationMs: (run.finishedAt ?? run.startedAt) - run.startedAt,
  });
  const executions = runs.executions(id);
  if (executions.length !== outcomes.filter((outcome) => outcome.isRecorded).length)
    return err({ code: 'registry-unusable', path: '.refit/registry.db', reason: 'step executions are missing' });
  const metrics = executions.flatMap((execution) => runs.metrics(execution.source ?? execution.id));
  return ok({
    run,
    executions,
    notStarted: notStarted.map((step) => ({ step, status: services.signal.aborted ? 'cancelled' : 'pending' })),
    metrics: Object.fromEntries(metrics.map((point) => [point.key, point.value])),
    failures: outcomes.flatMap((outcome) => outcome.failure ?? []),
  });
}

function readRun(services: Services, id: RunId): Run {
  const run = services.registry.runs.get(id);
  if (run === undefined) throw new Error(`internal error: run ${id} is not in the registry`);
  return run;
}
