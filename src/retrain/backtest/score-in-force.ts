import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { Evaluation, ModelVersion } from '../../domain/models/model.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { isAtOrBelow } from '../../domain/support/paths.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { When } from '../../domain/when.js';
import { executePipeline } from '../../execute/execute-pipeline.js';
import { resolveUsedDatasets } from '../../execute/plan-pipeline.js';
import { hashEvaluationData } from '../../gate/evaluate-version.js';
import { evaluateVersions } from '../../gate/evaluate-versions.js';
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
  const isRead = (path: string): boolean => read.some((one) => isAtOrBelow(one, path) || isAtOrBelow(path, one));
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
  const distinct = [...new Map(versions.map((one) => [one.hash, one])).values()];
  const known = new Map(distinct.map((one) => [one.hash, scoresOn(services, one, data.value)]));
  const missing = distinct.filter((one) => known.get(one.hash) === undefined);
  const scored = await evaluateVersions(services, missing, ({ run }) => ({
    pipeline,
    spec,
    run,
    now: when.now,
    datasets: datasets.value,
  }));
  const found = new Map<ContentHash, Evaluation>();
  for (const [hash, one] of known) if (one !== undefined) found.set(hash, one);
  for (const [i, one] of scored.entries()) {
    if (!one.ok) return one;
    const version = missing[i];
    if (version !== undefined) found.set(version.hash, one.value);
  }
  return ok(found);
}

/** What a version of these bytes scored on this test data before. */
const scoresOn = (
  { registry: { models } }: Pick<Services, 'registry'>,
  { hash }: ModelVersion,
  data: ContentHash,
): Evaluation | undefined =>
  models
    .withHash(hash)
    .flatMap((one) => models.evaluations(one))
    .find((one) => one.dataHash === data);
