import type { PolicyReplay } from '../../domain/decisions/backtest.js';
import type { Failure } from '../../domain/failure.js';
import type { ModelName, PipelineName } from '../../domain/ids.js';
import type { Evaluation } from '../../domain/models/model.js';
import type { Condition, Pipeline, RetrainSpec, WindowSpec } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { formatDuration, type Instant, instantOf, toIso } from '../../domain/support/time.js';
import { canCompare } from '../../pipeline/parse/sections/reference.js';
import { canStartWarm } from '../../pipeline/starts-from.js';
import type { BacktestOptions } from './backtest-options.js';

export interface Policy extends Pick<PolicyReplay, 'name' | 'label'> {
  /** The pipeline under its own name, model and ledger. It publishes nothing. */
  readonly pipeline: Pipeline;
  /**
   * Whether the policy checks data and drift and evaluates its conditions. Otherwise `because` decides when it trains.
   */
  readonly isJudged: boolean;
  /** The reason to train now, given the time of its last training; `undefined` for no training. */
  readonly because: (trainedAt: Instant | undefined, now: Instant) => string | undefined;
  /** Whether its triggers read predictions. If so, its model's predictions are logged during the replay. */
  readonly isLogged: boolean;
  readonly everyMs: number;
}

const FOLDER = 'backtest-log';

/** The pipeline's own policy first, then the simple policies to compare it with. */
export function policiesOf(
  pipeline: Pipeline,
  { everyMs, calendarMs }: BacktestOptions,
  suffix: string,
): readonly Policy[] {
  const as = (name: Policy['name'], retrain: RetrainSpec | undefined, isLogged: boolean) =>
    asPolicy(pipeline, { name: `${name}.${suffix}`, retrain, isLogged });
  const first = (trainedAt: Instant | undefined): string | undefined =>
    trainedAt === undefined ? 'no version serves yet' : undefined;
  const own = pipeline.retrain;
  const isLogged = own !== undefined && usesPerformance(own.when);
  const canDrift = canCompare(pipeline.monitor);
  const base = { isJudged: false, isLogged: false, everyMs, because: first };
  const judged = { ...base, isJudged: true, isLogged };
  return [
    { ...judged, name: 'policy', label: 'its policy', pipeline: as('policy', own, isLogged) },
    ...fixedWindows(pipeline).map(({ name, label, datasets }) => ({
      ...judged,
      name,
      label,
      pipeline: { ...as(name, own, isLogged), datasets },
    })),
    ...(own !== undefined && canStartWarm(pipeline.steps)
      ? [
          {
            ...judged,
            name: 'from-zero' as const,
            label: 'always from zero',
            pipeline: as('from-zero', { ...own, fullEveryMs: 0 }, isLogged),
          },
        ]
      : []),
    { ...base, name: 'never', label: 'never', pipeline: as('never', own, false) },
    {
      ...base,
      name: 'every',
      label: `every ${formatDuration(calendarMs)}`,
      pipeline: as('every', own, false),
      because: (trainedAt, now) =>
        trainedAt === undefined
          ? first(trainedAt)
          : now - trainedAt >= calendarMs
            ? `the last training was ${formatDuration(now - trainedAt)} ago`
            : undefined,
    },
    ...(canDrift && own !== undefined
      ? [
          {
            ...base,
            name: 'every-drift' as const,
            label: 'on every drift',
            isJudged: true,
            pipeline: as('every-drift', onDrift(own), false),
          },
        ]
      : []),
  ];
}

/** The pipeline's datasets with each window that depends on changes fixed at its shortest, and at its longest. */
function fixedWindows({ datasets }: Pick<Pipeline, 'datasets'>): readonly (Pick<Policy, 'label'> & {
  readonly name: `window-${string}`;
  readonly datasets: Pipeline['datasets'];
})[] {
  const autos = datasets.flatMap(({ window }) => (window?.kind === 'auto' ? [window] : []));
  const [first] = autos;
  if (first === undefined) return [];
  const fixed = (lengthOf: (auto: Extract<WindowSpec, { kind: 'auto' }>) => number | undefined): Pipeline['datasets'] =>
    datasets.map(({ window, ...dataset }) => {
      if (window?.kind !== 'auto') return { ...dataset, window };
      const lengthMs = lengthOf(window);
      return lengthMs === undefined ? dataset : { ...dataset, window: { kind: 'fixed', lengthMs } };
    });
  const labelled = (ms: number | undefined): string =>
    autos.length > 1 ? '' : ms === undefined ? ', all rows' : ` ${formatDuration(ms)}`;
  return [
    { name: 'window-min', label: `shortest window${labelled(first.minMs)}`, datasets: fixed((auto) => auto.minMs) },
    { name: 'window-max', label: `longest window${labelled(first.maxMs)}`, datasets: fixed((auto) => auto.maxMs) },
  ];
}

/** Trains whenever any column drifts. */
const onDrift = ({ onDataBug, onUnclear, at }: RetrainSpec): RetrainSpec => ({
  when: { kind: 'data_drift', share: 1e-9, on: 'any', fires: 'level', at },
  onDataBug,
  onUnclear,
  mode: 'automatic',
  at,
});

function usesPerformance(condition: Condition): boolean {
  if ('at' in condition) return condition.kind === 'performance';
  return condition.kind === 'not' ? usesPerformance(condition.of) : condition.of.some(usesPerformance);
}

function asPolicy(
  pipeline: Pipeline,
  {
    name,
    retrain,
    isLogged,
  }: { readonly name: string; readonly retrain: RetrainSpec | undefined; readonly isLogged: boolean },
): Pipeline {
  const { model, monitor } = pipeline;
  if (model === undefined) throw new Error('internal error: a backtest without a model');
  const { publish: _, ...unpublished } = model;
  const {
    predictions: _predictions,
    labels: _labels,
    ...watched
  } = monitor ?? {
    ignore: [],
    segments: [],
    metrics: [],
    methods: { table: 'auto', columns: {} },
    at: model.at,
  };
  const logged = {
    predictions: { path: `${FOLDER}/${name}/*.csv`, time: 'at', prediction: 'prediction' },
    labels: { label: 'label', delayMs: 0 },
  };
  return {
    ...pipeline,
    name: `${pipeline.name}.${name}` as PipelineName,
    model: { ...unpublished, name: `${model.name}.${name}` as ModelName, approval: 'automatic' },
    ...(monitor === undefined && !isLogged ? {} : { monitor: { ...watched, ...(isLogged ? logged : {}) } }),
    ...(retrain === undefined ? {} : { retrain: { ...retrain, mode: 'automatic' } }),
  };
}

/**
 * Writes the predictions of the serving model since the last tick to the log that a server would have written: its test
 * rows, in order.
 */
export async function logPredictions(
  services: Services,
  { pipeline, everyMs }: Policy,
  evaluation: Evaluation | undefined,
  now: Instant,
): Promise<Result<void, Failure>> {
  const folder = pipeline.monitor?.predictions?.path?.slice(0, -'/*.csv'.length);
  if (evaluation === undefined || folder === undefined) return ok(undefined);
  const path =
    evaluation.predictions === undefined ? undefined : await services.artifacts.objectPath(evaluation.predictions);
  if (path === undefined) return err(withoutPredictions(evaluation));
  const segments = pipeline.monitor?.segments ?? [];
  const from = { kind: 'files', paths: [path] } as const;
  const read = await services.datasets.readColumns({ from }, ['label', 'prediction', ...segments]);
  if (!read.ok) return read;
  const columns = ['prediction', 'label', ...segments].map((name) => read.value.get(name) ?? []);
  const count = read.value.get('label')?.length ?? 0;
  // A segment that the predictions do not have is empty, and is then not judged.
  const lines = Array.from({ length: count }, (_, i) => {
    const at = toIso(instantOf(Math.floor(now - everyMs + (i * everyMs) / count)));
    return `${[at, ...columns.map((column) => column[i])].map(cell).join(',')}\n`;
  });
  const name = toIso(now).slice(0, 19).replaceAll(':', '');
  return services.files.writeText(
    `${folder}/${name}.csv`,
    `${['at', 'prediction', 'label', ...segments].map(cell).join(',')}\n${lines.join('')}`,
  );
}

const cell = (value: unknown): string => {
  const text = value === undefined || value === null ? '' : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const withoutPredictions = ({ version: { model, version } }: Evaluation): Failure => ({
  code: 'evaluation-invalid',
  version: `${model}@${version}`,
  path: '${{ evaluation.path }}',
  problem: 'it has no "predictions", and the performance trigger of the replayed policy reads them',
});
