import type { Cut } from '../data/datasets/dataset-files.js';
import { withoutQuarantined } from '../data/datasets/quarantine.js';
import { resolveDataset } from '../data/datasets/resolve-dataset.js';
import { beginOf, trainingWindows } from '../data/windows/training-windows.js';
import type { ResolvedDataset } from '../domain/data/dataset.js';
import type { Failure } from '../domain/failure.js';
import type { Dataset, Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { Plan } from '../domain/pipeline/plan.js';
import type { Services } from '../domain/ports/services.js';
import type { RunOptions } from '../domain/runs/run-report.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { datasetIn } from '../pipeline/starts-from.js';
import { scriptsNotRead } from '../pipeline/undeclared-scripts.js';
import { imageWarnings, lastImageIds } from './containers/last-images.js';
import { planSteps } from './decide-steps.js';
import { placeSteps, placingWarnings } from './executors/place-steps.js';
import { startingPoint } from './parents/step-parents.js';
import { selectSteps } from './plan/select-steps.js';
import { lockFileWarnings } from './plan/warnings.js';
import { missingEnvironment } from './step-environments.js';

/** What `run` would do, step by step, and why. Changes nothing. */
export async function planPipeline(
  services: Services,
  pipeline: Pipeline,
  options: RunOptions,
): Promise<Result<Plan, Failure>> {
  const steps = chosenSteps(pipeline, options);
  if (!steps.ok) return steps;
  const placed = await placeSteps(services, steps.value, { ...options, isPlanned: true });
  if (!placed.ok) return placed;
  const missing = missingEnvironment(services, steps.value);
  if (missing !== undefined) return err(missing);
  const windows = options.windows ?? trainingWindows(services, pipeline, options);
  const datasets = await resolveUsedDatasets(services, pipeline, steps.value, { ...options, windows, isListed: true });
  if (!datasets.ok) return datasets;
  const remembered = services.registry.runs.remembered(pipeline.name);
  const imageIds = lastImageIds(services, pipeline, remembered);
  const planned = await planSteps(services, steps.value, {
    pipeline,
    options,
    datasets: datasets.value,
    runId: '',
    remembered,
    imageIds,
    parents: startingPoint(services, pipeline, options),
  });
  if (!planned.ok) return planned;
  return ok({
    pipeline: pipeline.name,
    steps: planned.value,
    windows,
    warnings: [
      ...imageWarnings(steps.value, imageIds),
      ...lockFileWarnings(steps.value),
      ...(await placingWarnings(services, steps.value)),
      ...(await scriptsNotRead(services, { steps: steps.value, datasets: pipeline.datasets })).map(
        ({ message, suggestion }) => `${message} (${suggestion})`,
      ),
    ],
  });
}

/** The steps that `--until`, `--only` and `--from` select. An unknown name is a usage error. */
export function chosenSteps(pipeline: Pipeline, options: RunOptions): Result<readonly Step[], Failure> {
  const names = [options.until, options.only, options.from, ...(options.force === 'all' ? [] : (options.force ?? []))];
  for (const name of names) {
    const isKnown = pipeline.steps.some((step) => step.name === name || step.declaredName === name);
    if (name !== undefined && !isKnown)
      return err({
        code: 'not-found',
        what: 'step',
        name,
        available: pipeline.steps.map((step) => step.name),
        next: `see "refit plan ${pipeline.name}"`,
      });
  }
  return checkedSelection(pipeline, options);
}

/** Refuses combinations that contradict each other. */
function checkedSelection(pipeline: Pipeline, options: RunOptions): Result<readonly Step[], Failure> {
  if (options.only !== undefined && (options.until ?? options.from) !== undefined)
    return err({
      code: 'usage',
      problem: '--only takes just one step, so --until and --from mean nothing beside it',
      next: 'leave --only away, or the others',
    });
  const steps = selectSteps(pipeline.steps, options);
  const forced = options.force === 'all' ? [] : (options.force ?? []);
  const outside = forced.find((name) => !steps.some((step) => step.name === name || step.declaredName === name));
  if (outside !== undefined)
    return err({
      code: 'usage',
      problem: `--force=${outside}: "${outside}" is not among the chosen steps`,
      next: `chosen are: ${steps.map((step) => step.name).join(', ')}`,
    });
  if (steps.length === 0)
    return err({
      code: 'usage',
      problem: `"${options.until}" does not need "${options.from}": no step lies between them`,
      next: 'choose other steps, or leave --from or --until away',
    });
  return ok(steps);
}

type Seen = Pick<RunOptions, 'now' | 'isNowGiven' | 'windows'>;

/** What of a dataset exists for a run. */
export function cutOf({ name }: Pick<Dataset, 'name'>, { now, isNowGiven, windows }: Seen): Cut {
  const since = beginOf(windows, name);
  return { ...(since === undefined ? {} : { since }), ...(isNowGiven ? { until: now } : {}) };
}

/**
 * Every dataset that the steps and the evaluation use, cut at `--now` if that was given, and to the windows of a run if it has
 * any: the evaluation and the gate have none. A dataset made by steps of
 * this pipeline may have no files yet: it is left out and resolved when its step is due.
 */
export async function resolveUsedDatasets(
  services: Services,
  pipeline: Pipeline,
  steps: readonly Step[],
  options: Seen & { readonly isListed?: boolean; readonly isDeferred?: boolean },
): Promise<Result<ReadonlyMap<string, ResolvedDataset>, Failure>> {
  const resolved = new Map<string, ResolvedDataset>();
  const { isListed = false, isDeferred = false } = options;
  for (const declared of usedDatasets(pipeline, steps)) {
    const kept = await withoutQuarantined(services, pipeline, declared, options);
    if (!kept.ok) return kept;
    const dataset = kept.value;
    const found = await resolveDataset(services, dataset, { ...cutOf(dataset, options), isListed, isDeferred });
    if (found.ok) resolved.set(dataset.name, found.value);
    else if (!(dataset.isMade && found.error.code === 'data-empty')) return found;
  }
  return ok(resolved);
}

/** The datasets of one step that other steps have made in the meantime. */
export async function resolveMadeDatasets(
  services: Services,
  pipeline: Pipeline,
  step: Step,
  options: Seen,
): Promise<Result<ReadonlyMap<string, ResolvedDataset>, Failure>> {
  const made = new Map<string, ResolvedDataset>();
  for (const dataset of usedDatasets({ datasets: pipeline.datasets }, [step]).filter((one) => one.isMade)) {
    const kept = await withoutQuarantined(services, pipeline, dataset, options);
    if (!kept.ok) return kept;
    const found = await resolveDataset(services, kept.value, { ...cutOf(dataset, options), isDeferred: true });
    if (!found.ok) return found;
    made.set(dataset.name, found.value);
  }
  return ok(made);
}

function usedDatasets(pipeline: Pick<Pipeline, 'datasets' | 'model'>, steps: readonly Step[]): readonly Dataset[] {
  const inputs = [...steps.flatMap((step) => step.inputs ?? []), ...(pipeline.model?.evaluate?.inputs ?? [])];
  const commands = [
    ...steps.map((step) => step.command),
    ...(pipeline.model?.evaluate ? [pipeline.model.evaluate.command] : []),
  ];
  const named = new Set([
    ...inputs.flatMap((input) => (input.kind === 'dataset' ? [input.name] : [])),
    ...commands
      .flatMap((command) => (command.kind === 'shell' ? [command.script] : command.words))
      .flatMap((template) =>
        template.flatMap((part) =>
          part.kind === 'value'
            ? datasetIn(
                part.ref,
                pipeline.datasets.map((one) => one.name),
              )
            : [],
        ),
      ),
  ]);
  return pipeline.datasets.filter((dataset) => named.has(dataset.name));
}
