import type { ModelVersion } from '../domain/model.js';
import type { Pipeline } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { PipelineResult } from '../domain/retrain-report.js';
import type { RunOptions, RunReport } from '../domain/run-report.js';
import { judgeCandidate } from './judge-candidate.js';

export type Judged = Partial<Pick<PipelineResult, 'version' | 'isNewVersion' | 'gate' | 'evaluations' | 'failure'>>;

/** Registers the model that a run made, scores it and stores the gate's verdict; nothing where the pipeline has no model. */
export async function registerAndJudge(
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
