import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { Evaluation, ModelVersion } from '../../domain/models/model.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import { executePipeline } from '../../execute/execute-pipeline.js';
import { resolveUsedDatasets } from '../../execute/plan-pipeline.js';
import { evaluateVersion, hashEvaluationData } from '../../gate/evaluate-version.js';
import { withPipelineLock } from '../../serving/pipeline-lock.js';

/** By the hash of the model, because several policies may serve the same one. */
export type Scored = ReadonlyMap<ContentHash, Evaluation>;

/** Produces the data that `evaluate` reads as of `now`: runs the steps that it needs, and no training. */
export async function prepareTestData(
  services: Services,
  pipeline: Pipeline,
  when: When,
): Promise<Result<void, Failure>> {
  const steps = stepsFor(pipeline);
  if (steps.length === 0) return ok(undefined);
  const { model: _model, monitor: _monitor, ...bare } = pipeline;
  const ran = await withPipelineLock(services, pipeline, undefined, () =>
    executePipeline(services, { ...bare, steps }, { ...when, trigger: { kind: 'backtest' } }),
  );
  if (!ran.ok) return ran;
  const [failure] = ran.value.failures;
  return failure === undefined ? ok(undefined) : err(failure);
}

/** The steps that write the inputs of `evaluate`, with everything they depend on. */
function stepsFor({ steps, model }: Pipeline): readonly Step[] {
  const read = (model?.evaluate?.inputs ?? []).flatMap((input) =>
    input.kind === 'path' ? [input.path as string] : [],
  );
  const isRead = (path: string): boolean =>
    read.some((one) => one === path || one.startsWith(`${path}/`) || path.startsWith(`${one}/`));
  const needed = new Set<string>();
  const add = (step: Step): void => {
    if (needed.has(step.name)) return;
    needed.add(step.name);
    for (const one of steps) if (step.dependsOn.includes(one.name)) add(one);
  };
  for (const step of steps) if (step.outputs.some((output) => isRead(output.path))) add(step);
  return steps.filter((step) => needed.has(step.name));
}

/** Scores models on the current test data in the workspace. Models scored on it before are skipped. */
export async function scoreVersions(
  services: Services,
  pipeline: Pipeline,
  versions: readonly ModelVersion[],
  when: When,
): Promise<Result<Scored, Failure>> {
  const spec = pipeline.model?.evaluate;
  if (spec === undefined) return ok(new Map());
  const datasets = await resolveUsedDatasets(services, pipeline, [], when);
  if (!datasets.ok) return datasets;
  const data = await hashEvaluationData(services, { spec, datasets: datasets.value });
  if (!data.ok) return data;
  const { models } = services.registry;
  const distinct = [...new Map(versions.map((one) => [one.hash, one])).values()];
  const scored = await Promise.all(
    distinct.map(async (version): Promise<Result<Evaluation, Failure>> => {
      const known = models
        .withHash(version.hash)
        .flatMap((one) => models.evaluations(one))
        .find((one) => one.dataHash === data.value);
      if (known !== undefined) return ok(known);
      const context = { pipeline, spec, run: version.run, now: when.now, datasets: datasets.value };
      return evaluateVersion(services, version, context);
    }),
  );
  const found = new Map<ContentHash, Evaluation>();
  for (const [i, one] of scored.entries()) {
    if (!one.ok) return one;
    const version = distinct[i];
    if (version !== undefined) found.set(version.hash, one.value);
  }
  return ok(found);
}
