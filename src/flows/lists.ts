import type { Failure } from '../domain/failure.js';
import type { ModelName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import type { Run } from '../domain/run.js';
import type { View } from '../domain/view.js';
import { metricsView, modelsView, runsView, showView } from '../report/lists-view.js';
import { recordedName } from './load-pipeline.js';
import { CHAMPION } from './reference.js';

type Need = Pick<Services, 'registry'>;

/** Of all pipelines, or of one by its name or file. */
export async function listRuns(
  services: Need & Pick<Services, 'files'>,
  nameOrFile: string | undefined,
  limit: number,
): Promise<Result<View, Failure>> {
  const name = nameOrFile === undefined ? ok(undefined) : await recordedName(services, nameOrFile);
  if (!name.ok) return name;
  const filter = { limit, ...(name.value === undefined ? {} : { pipeline: name.value }) };
  return ok(runsView(services.registry.runs.list(filter)));
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
  const [version] = models.ofRun(found.value.id);
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
  nameOrFile: string,
  limit: number,
): Promise<Result<View, Failure>> {
  const { runs } = services.registry;
  const name = await recordedName(services, nameOrFile);
  if (!name.ok) return name;
  const listed = runs.list({ pipeline: name.value, limit }).map((run) => ({
    run,
    metrics: Object.fromEntries(
      runs
        .executions(run.id)
        .flatMap((execution) => runs.metrics(execution.id).map((point) => [point.key, point.value])),
    ),
  }));
  return ok(metricsView(name.value, listed));
}
