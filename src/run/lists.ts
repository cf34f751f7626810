import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { loadPipeline, recordedName } from '../pipeline/load-pipeline.js';
import { parseRunFilter } from './filter/parse-filter.js';
import { findRun, lastRunOf } from './find-run.js';
import { runsView, showView } from './views/lists-view.js';
import { type GateLimit, metricsView } from './views/metrics-view.js';

type Dependencies = Pick<Services, 'registry'>;

/** The runs of all pipelines, or of one by name or file. `where` is a filter. */
export async function listRuns(
  services: Dependencies & Pick<Services, 'files'>,
  nameOrFile: string | undefined,
  { limit, where }: { readonly limit: number; readonly where?: string },
): Promise<Result<View, Failure>> {
  const name = nameOrFile === undefined ? ok(undefined) : await recordedName(services, nameOrFile);
  if (!name.ok) return err(conditionFailure(nameOrFile ?? '') ?? name.error);
  const filter = where === undefined ? undefined : parseRunFilter(where, '--where');
  if (filter?.ok === false) return err({ code: 'invalid-filter', diagnostics: [filter.error] });
  const runs = services.registry.runs.list({
    limit,
    pipeline: name.value,
    where: filter === undefined ? undefined : filter.value,
  });
  return ok(runsView(runs, where !== undefined));
}

/** A filter in the place of a pipeline means that `--where` was forgotten. */
const conditionFailure = (text: string): Failure | undefined =>
  parseRunFilter(text, '--where').ok
    ? {
        code: 'usage',
        problem: `runs ${text}: that is a condition, not a pipeline`,
        next: `write: refit runs --where ${JSON.stringify(text)}`,
      }
    : undefined;

export function showRun(services: Dependencies, id: string): Result<View, Failure> {
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
      version,
    }),
  );
}

type MetricsDependencies = Parameters<typeof loadPipeline>[0] & Pick<Services, 'clock'>;

export interface MetricsOptions {
  readonly limit: number;
  readonly isPlotted: boolean;
  /** Only this metric. */
  readonly key?: string;
}

/** Metrics of a pipeline's runs, newest first: those of the steps, and the scores of the version that the run made. */
export async function listMetrics(
  services: MetricsDependencies,
  nameOrFile: string,
  options: MetricsOptions,
): Promise<Result<View, Failure>> {
  const { runs, models } = services.registry;
  const name = await recordedName(services, nameOrFile);
  if (!name.ok) return name;
  const { key } = options;
  const isWanted = ([one]: readonly [string, number]): boolean => key === undefined || one === key;
  const listed = runs.list({ pipeline: name.value, limit: options.limit }).map((run) => {
    const [version] = models.ofRun(run.id);
    const scores = version === undefined ? {} : (models.evaluations(version).at(-1)?.metrics ?? {});
    const ended = run.environment.origin?.ended ?? {};
    const points = runs.metricsOfRun(run.id).map((point) => [point.key, point.value] as const);
    return {
      run,
      metrics: Object.fromEntries(points.filter(isWanted).filter(([one]) => ended[one] === undefined)),
      ended: Object.fromEntries(Object.entries(ended).filter(([one]) => key === undefined || one === key)),
      evaluation: Object.fromEntries(Object.entries(scores).filter(isWanted)),
    };
  });
  const known = listed.flatMap((one) => [...Object.keys(one.metrics), ...Object.keys(one.evaluation)]);
  if (key !== undefined && known.length === 0) return err(noSuchMetric(services, name.value, key));
  const [newest] = listed;
  const series =
    key === undefined || newest === undefined
      ? []
      : runs.metricsOfRun(newest.run.id).filter((point) => point.key === key && point.step !== undefined);
  const limits = options.isPlotted ? await gateLimits(services, nameOrFile) : [];
  return ok(metricsView(name.value, listed, { isPlotted: options.isPlotted, series, limits }));
}

/** The limits of the gate's metrics. None if the pipeline file cannot be read: the metrics are in the registry all the same. */
async function gateLimits(services: MetricsDependencies, nameOrFile: string): Promise<readonly GateLimit[]> {
  const loaded = await loadPipeline(services, nameOrFile, { isSilent: true });
  const rules = loaded.ok ? (loaded.value.pipeline.model?.gate ?? []) : [];
  return rules.flatMap((rule): readonly GateLimit[] =>
    rule.kind !== 'metric' || rule.slices !== undefined
      ? []
      : (['min', 'max'] as const).flatMap((bound) => {
          const value = rule[bound];
          return value === undefined ? [] : [{ metric: rule.metric, bound, value }];
        }),
  );
}

function noSuchMetric(services: Dependencies & Pick<Services, 'clock'>, pipeline: PipelineName, key: string): Failure {
  const { registry } = services;
  const run = lastRunOf(services, pipeline);
  const available = run === undefined ? [] : [...new Set(registry.runs.metricsOfRun(run.id).map((point) => point.key))];
  return { code: 'not-found', what: 'metric', name: key, available, next: `see "refit metrics ${pipeline}"` };
}
