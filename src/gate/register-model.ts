import type { PipelineResult } from '../domain/decisions/retrain-report.js';
import type { GateVerdict } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { RunOptions, RunReport } from '../domain/runs/run-report.js';
import { ok } from '../domain/support/result.js';
import { championOf } from '../models/champion.js';
import { judgeCandidate, standingVerdict } from './judge-candidate.js';

export type Judged = Partial<
  Pick<PipelineResult, 'version' | 'isNewVersion' | 'isServing' | 'gate' | 'evaluations' | 'failure' | 'unscoredRival'>
>;

/**
 * Registers the model of a run, scores it and stores the gate's verdict. Does nothing for a pipeline without a model.
 */
export async function registerAndJudge(
  services: Services,
  pipeline: Pipeline,
  report: RunReport,
  options: RunOptions,
): Promise<Judged> {
  // The inputs changed during a tainted run, so it does not prove what its model was made from.
  if (report.run.isTainted || pipeline.model === undefined) return {};
  const registered = registerModel(services, pipeline, report);
  if (registered === undefined) return {};
  const { version, isNew } = registered;
  const base = { version, isNewVersion: isNew, isServing: championOf(services, pipeline)?.version === version.version };
  const standing = isNew ? ok(undefined) : await standingVerdict(services, pipeline, version, options);
  if (!standing.ok) return { ...base, failure: standing.error };
  if (standing.value !== undefined) return { ...base, ...verdictOf(services, standing.value) };
  const judged = await judgeCandidate(services, pipeline, version, { ...options, run: report.run.id });
  return judged.ok ? { ...base, ...judged.value } : { ...base, failure: judged.error };
}

function verdictOf(
  services: Services,
  gate: GateVerdict | undefined,
): Partial<Pick<PipelineResult, 'gate' | 'evaluations'>> {
  if (gate === undefined) return {};
  const { models } = services.registry;
  const evaluations = [gate.candidateEvaluation, gate.championEvaluation].flatMap((id) => {
    const found = id === undefined ? undefined : models.evaluation(id);
    return found === undefined ? [] : [found];
  });
  return { gate, evaluations };
}

/**
 * Registers the artifact at the model's path as a version. The same bytes with the same fingerprint are the same
 * version.
 */
export function registerModel(services: Services, pipeline: Pipeline, report: RunReport) {
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
    fingerprint,
  });
}
