import type { Failure } from '../domain/failure.js';
import type { ModelName, PipelineName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { Run } from '../domain/run.js';
import type { View } from '../domain/view.js';
import { metricsView, modelsView, runsView, showView } from '../report/lists-view.js';
import { findPipelineFile } from './load-pipeline.js';
import { CHAMPION } from './reference.js';

type Need = Pick<Services, 'registry'>;

/** Runs of one pipeline, or of all; a name that no run and no file bears is refused. */
export async function listRuns(
  services: Need & Pick<Services, 'files'>,
  pipeline: string | undefined,
  limit: number,
): Promise<Result<View, Failure>> {
  if (pipeline === undefined) return ok(runsView(services.registry.runs.list({ limit })));
  const listed = await runsOf(services, pipeline, limit);
  return listed.ok ? ok(runsView(listed.value)) : listed;
}

/** A pipeline whose file is gone keeps its runs. */
async function runsOf(
  services: Need & Pick<Services, 'files'>,
  pipeline: string,
  limit: number,
): Promise<Result<readonly Run[], Failure>> {
  const listed = services.registry.runs.list({ pipeline: pipeline as PipelineName, limit });
  if (listed.length > 0) return ok(listed);
  const file = await findPipelineFile(services, pipeline);
  return file.ok ? ok(listed) : file;
}

/** A run by its id or the beginning of it; `latest` is the newest. */
export function findRun(services: Need, id: string): Result<Run, Failure> {
  const { runs } = services.registry;
  const newest = runs.list({ limit: 5 });
  const found = id === 'latest' ? newest.slice(0, 1) : runs.find(id);
  const [run] = found;
  if (run !== undefined && found.length === 1) return ok(run);
  return err({
    code: 'not-found',
    what: found.length === 0 ? 'run' : 'one run',
    name: id,
    available: (found.length === 0 ? newest : found).map((one) => one.id),
    next: found.length === 0 ? 'see "refit runs"' : 'give more of its id',
  });
}

export function showRun(services: Need, id: string): Result<View, Failure> {
  const found = findRun(services, id);
  if (!found.ok) return found;
  const { runs, models } = services.registry;
  const executions = runs.executions(found.value.id);
  const version = models
    .names()
    .flatMap((model) => models.versions(model))
    .find((one) => one.run === found.value.id);
  return ok(
    showView({
      run: found.value,
      executions,
      metrics: executions.map((execution) => ({ step: execution.step, points: runs.metrics(execution.id) })),
      ...(version === undefined ? {} : { version }),
    }),
  );
}

/** All versions of a model, or of all models. */
export function listModels(services: Need, name: string | undefined): Result<View, Failure> {
  const { models } = services.registry;
  const names = models.names().filter((one) => name === undefined || one === name);
  if (name !== undefined && names.length === 0)
    return err({
      code: 'not-found',
      what: 'model',
      name,
      available: models.names(),
      next: '"refit run" registers versions of a pipeline with a "model"',
    });
  const listed = names.flatMap((model: ModelName) => {
    const champion = models.alias(model, CHAMPION)?.to;
    return models.versions(model).map((version) => {
      const gate = models.gateVerdicts(version)[0];
      const evaluation = models.evaluations(version).at(-1);
      return {
        version,
        isChampion: version.version === champion,
        ...(gate === undefined ? {} : { gate }),
        ...(evaluation === undefined ? {} : { evaluation }),
      };
    });
  });
  return ok(
    modelsView(
      listed,
      names.flatMap((model) => models.moves(model)),
    ),
  );
}

/** Metrics of a pipeline's runs, newest first. */
export async function listMetrics(
  services: Need & Pick<Services, 'files'>,
  pipeline: string,
  limit: number,
): Promise<Result<View, Failure>> {
  const { runs } = services.registry;
  const found = await runsOf(services, pipeline, limit);
  if (!found.ok) return found;
  const listed = found.value.map((run) => ({
    run,
    metrics: Object.fromEntries(
      runs
        .executions(run.id)
        .flatMap((execution) => runs.metrics(execution.id).map((point) => [point.key, point.value])),
    ),
  }));
  return ok(metricsView(pipeline, listed));
}
