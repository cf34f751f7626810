import type { Failure } from '../domain/failure.js';
import type { RunId } from '../domain/ids.js';
import type { ModelVersion } from '../domain/model.js';
import type { Pipeline } from '../domain/pipeline.js';
import type { Lock } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { PipelineResult } from '../domain/retrain-report.js';
import type { RunOptions, RunReport } from '../domain/run-report.js';
import { recoverPublish } from '../models/recover-publish.js';
import { executePipeline } from './execute-pipeline.js';
import { judgeCandidate } from './judge-candidate.js';
import { recordDatasetSizes } from './new-data.js';
import { recover } from './recover.js';
import { profileReference } from './reference.js';
import type { When } from './window.js';

/** Runs a pipeline under its lock; where it has a model, registers, scores and judges the result. Never publishes. */
export async function runPipeline(
  services: Services,
  pipeline: Pipeline,
  options: RunOptions & { readonly waitMs?: number },
): Promise<Result<PipelineResult, Failure>> {
  return withPipelineLock(services, pipeline, options.waitMs, () => runLocked(services, pipeline, options));
}

/** Holds the pipeline's lock while working, after repairing what a crash left. */
export async function withPipelineLock<T>(
  services: Services,
  pipeline: Pipeline,
  waitMs: number | undefined,
  work: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const lock = await takeLock(services, pipeline, waitMs);
  if (!lock.ok) return lock;
  try {
    const recovered = await recover(services, pipeline);
    if (!recovered.ok) return recovered;
    await recoverPublish(services);
    return await work();
  } finally {
    lock.value.release();
  }
}

/** Says whom it waits for; where it does not wait, the failure names the run that is in the way. */
async function takeLock(
  services: Services,
  { name }: Pipeline,
  waitMs: number | undefined,
): Promise<Result<Lock, Failure>> {
  const first = await services.locks.lockPipeline(name);
  if (first.ok || first.error.code !== 'busy') return first;
  const [run] = services.registry.runs.list({ pipeline: name, status: 'running', limit: 1 });
  const busy = { ...first.error, ...(run === undefined ? {} : { run: run.id }) };
  if (waitMs === undefined) return err(busy);
  services.emit({ type: 'phase', text: `waiting for ${busy.holder ?? 'another process'}, which works on ${name}` });
  return services.locks.lockPipeline(name, waitMs);
}

/** The same for a caller that holds the lock. */
export async function runLocked(
  services: Services,
  pipeline: Pipeline,
  options: RunOptions,
): Promise<Result<PipelineResult, Failure>> {
  const executed = await executePipeline(services, pipeline, options);
  if (!executed.ok) return executed;
  const report = executed.value;
  const base: PipelineResult = { report, isNewVersion: false, evaluations: [] };
  if (report.run.status !== 'succeeded') return ok(base);
  // what later checks compare with is measured while the model is judged
  const [measured, judged] = await Promise.all([
    recordReference(services, pipeline, report.run.id, options),
    registerAndJudge(services, pipeline, report, options),
  ]);
  const failure = judged.failure ?? (measured.ok ? undefined : measured.error);
  return ok({ ...base, ...judged, ...(failure === undefined ? {} : { failure }) });
}

async function recordReference(
  services: Services,
  pipeline: Pipeline,
  run: RunId,
  when: When,
): Promise<Result<void, Failure>> {
  const sized = await recordDatasetSizes(services, pipeline, run, when);
  return sized.ok ? profileReference(services, pipeline, run, when) : sized;
}

type Judged = Partial<Pick<PipelineResult, 'version' | 'isNewVersion' | 'gate' | 'evaluations' | 'failure'>>;

async function registerAndJudge(
  services: Services,
  pipeline: Pipeline,
  report: RunReport,
  options: RunOptions,
): Promise<Judged> {
  // a run whose inputs moved proves nothing about what its model was made of
  if (report.run.isTainted || pipeline.model === undefined) return {};
  const registered = registerModel(services, pipeline, report);
  if (registered === undefined) return {};
  const { version, isNew } = registered;
  if (!isNew && services.registry.models.gateVerdicts(version).length > 0)
    return { version, ...latestVerdict(services, version) };
  const judged = await judgeCandidate(services, pipeline, version, { ...options, run: report.run.id });
  if (!judged.ok) return { version, isNewVersion: isNew, failure: judged.error };
  return { version, isNewVersion: isNew, ...judged.value };
}

function latestVerdict(services: Services, version: ModelVersion): Pick<PipelineResult, 'gate' | 'evaluations'> {
  const { models } = services.registry;
  const gate = models.gateVerdicts(version)[0];
  return { evaluations: models.evaluations(version).slice(0, 1), ...(gate === undefined ? {} : { gate }) };
}

/** The artifact at the model's path becomes a version; the same bytes with the same fingerprint are the same version. */
function registerModel(services: Services, pipeline: Pipeline, report: RunReport) {
  const { runs, models } = services.registry;
  const { model } = pipeline;
  const use = model === undefined ? undefined : runs.artifactAt(report.run.id, model.path);
  if (model === undefined || use === undefined) return undefined;
  const step = pipeline.steps.find((one) => one.outputs.some((output) => output.path === model.path));
  const fingerprint = step === undefined ? undefined : runs.partsOf(report.run.id).get(step.name)?.fingerprint;
  return models.register({
    model: model.name,
    hash: use.artifact.hash,
    kind: use.artifact.kind,
    size: use.artifact.size,
    path: use.path,
    run: report.run.id,
    registeredAt: services.clock.now(),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  });
}
