import type { ModelVersion } from '../../domain/models/model.js';
import type { MetricPoint, Run, StepExecution } from '../../domain/runs/run.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import {
  asJson,
  dim,
  fields,
  figure,
  inFull,
  line,
  metricsText,
  moment,
  plural,
  short,
  span,
  strong,
  table,
  toned,
  word,
} from '../../render/parts/parts.js';
import { chart, sparkline } from '../../render/parts/plot.js';
import { codeJson, durationOf, environmentJson, runJson, stepJson, stepsTable } from './run-view.js';

/** The document of `runs`. */
export const runsView = (runs: readonly Run[], isFiltered: boolean): View => ({
  json: { runs: runs.map(runJson) },
  parts:
    runs.length === 0
      ? [line(isFiltered ? 'no run is like that' : 'no runs yet')]
      : [
          table(
            ['run', 'pipeline', 'status', 'started (UTC)', 'time', 'trigger', 'now'],
            runs.map((run) => [
              strong(run.id),
              run.pipeline,
              word(run.status),
              moment(run.startedAt),
              span(durationOf(run)),
              run.trigger.kind,
              dim(run.isNowGiven ? moment(run.now) : ''),
            ]),
          ),
        ],
});

export interface ShownRun {
  readonly run: Run;
  readonly executions: readonly StepExecution[];
  readonly metrics: readonly { readonly step: string; readonly points: readonly MetricPoint[] }[];
  readonly version?: ModelVersion;
}

/** The document of `show`. */
export function showView({ run, executions, metrics, version }: ShownRun): View {
  const failed = executions.filter((one) => one.failure !== undefined);
  return {
    json: {
      run: {
        ...runJson(run),
        code: codeJson(run.code),
        environment: environmentJson(run.environment),
        steps: executions.map(stepJson),
      },
      metrics: metrics.map(({ step, points }) => ({ step, points: points.map((point) => asJson(point)) })),
      model_version: version === undefined ? null : `${version.model}@${version.version}`,
    },
    parts: [
      line(
        'run ',
        strong(run.id),
        ' of ',
        run.pipeline,
        ' ',
        word(run.status),
        run.isTainted ? toned(' tainted', 'bad') : '',
      ),
      fields([
        ['started', `${moment(run.startedAt)} UTC, took ${span(durationOf(run))}`],
        ['now', run.isNowGiven ? moment(run.now) : undefined],
        ['trigger', `${run.trigger.kind}${run.trigger.detail === undefined ? '' : `: ${run.trigger.detail}`}`],
        ['actor', `${run.actor} on ${run.environment.host}`],
        ['code', codeText(run)],
        ['params', paramsText(run)],
        [
          'tools',
          Object.entries(run.environment.tools)
            .map(([name, is]) => `${name} ${is}`)
            .join(', '),
        ],
        ['model', version === undefined ? undefined : `${version.model}@${version.version}`],
        ...originFields(run),
      ]),
      stepsTable(executions),
      ...metrics
        .filter(({ points }) => points.length > 0)
        .map(({ step, points }) => line(`${step}: `, metricsText(lastOf(points)))),
      ...failed.map((one) => line(dim(`log of ${one.step}: ${one.attempts.at(-1)?.logPath ?? 'none'}`))),
    ],
  };
}

/** What another system recorded about the run that has no column in refit. */
export function originFields({ environment: { origin } }: Run): readonly (readonly [string, string | undefined])[] {
  if (origin === undefined) return [];
  const { name, experiment, tags, datasets, metrics, missing } = origin;
  const shownTags = Object.entries(tags).filter(([key]) => !key.startsWith('mlflow.'));
  return [
    ['imported', `${name === undefined ? '' : `"${name}" `}of experiment "${experiment}", ${origin.status}`],
    ['tags', shownTags.length === 0 ? undefined : shownTags.map(([key, value]) => `${key}=${value}`).join(', ')],
    [
      'datasets',
      datasets.length === 0 ? undefined : datasets.map((one) => `${one.name} (digest ${one.digest})`).join(', '),
    ],
    ...Object.entries(metrics).map(([key, note]) => [`metric ${key}`, note] as const),
    ['no bytes of', missing.length === 0 ? undefined : missing.join(', ')],
  ];
}

export const codeText = (run: Run): string =>
  run.code.commit === undefined
    ? run.code.problem === undefined
      ? 'not in git'
      : `unknown: git did not answer (${run.code.problem.reason}); for later runs: ${run.code.problem.mend}`
    : `${short(run.code.commit)}${run.code.branch === undefined ? '' : ` (${run.code.branch})`}${run.code.isDirty ? ', with uncommitted changes' : ''}${run.code.untracked.length === 0 ? '' : `, ${plural(run.code.untracked.length, 'untracked file')}`}`;

export const paramsText = (run: Run): string =>
  Object.entries(run.params)
    .map(([name, value]) => `${name}=${inFull(asJson({ value }).value)}`)
    .join(', ');

const lastOf = (points: readonly MetricPoint[]): Readonly<Record<string, number>> =>
  Object.fromEntries(points.map((point) => [point.key, point.value]));

export interface RunMetrics {
  readonly run: Run;
  readonly metrics: Readonly<Record<string, number>>;
  /** Metrics whose last value is no finite number, with its name. */
  readonly ended: Readonly<Record<string, string>>;
  /** Scores of the version that the run made. */
  readonly evaluation: Readonly<Record<string, number>>;
}

export interface MetricsPlot {
  readonly isPlotted: boolean;
  /** Points of the newest run by training step, if exactly one metric is asked for and it is a series. */
  readonly series: readonly MetricPoint[];
}

const NO_METRICS =
  'no metrics yet; a step declares them with "metrics: file.json" or appends JSON lines to $REFIT_METRICS';

/** The document of `metrics`: the last value of every metric, newest run first. */
export function metricsView(pipeline: string, runs: readonly RunMetrics[], plot: MetricsPlot): View {
  const values = runs.map(({ run, metrics, ended, evaluation }) => ({
    run,
    ended,
    values: { ...metrics, ...evaluation },
  }));
  const keys = [...new Set(values.flatMap((one) => [...Object.keys(one.values), ...Object.keys(one.ended)]))];
  return {
    json: {
      pipeline,
      runs: runs.map(({ run, metrics, ended, evaluation }) => ({
        run: run.id,
        started_at: toIso(run.startedAt),
        metrics: asJson(metrics),
        ended: asJson(ended),
        evaluation: asJson(evaluation),
      })),
    },
    parts:
      keys.length === 0
        ? [line(NO_METRICS)]
        : plot.isPlotted
          ? keys.length === 1
            ? chartParts(keys[0] ?? '', values, plot.series)
            : [sparklines(keys, values)]
          : [
              table(
                ['run', 'now', ...keys],
                values.map(({ run, ended, values: own }) => [
                  strong(run.id),
                  dim(moment(run.now)),
                  ...keys.map((key) => (ended[key] === undefined ? figureOr(own[key]) : toned(ended[key], 'bad'))),
                ]),
              ),
            ],
  };
}

const figureOr = (value: number | undefined) => (value === undefined ? dim('–') : figure(value));

interface RunValues {
  readonly run: Run;
  readonly values: Readonly<Record<string, number>>;
}

/** Every metric over the runs, oldest first. */
function sparklines(keys: readonly string[], runs: readonly RunValues[]): ViewPart {
  const oldest = [...runs].reverse();
  return table(
    ['metric', `over ${plural(runs.length, 'run')}`, 'first', 'last', 'least', 'most'],
    keys.map((key) => {
      const values = oldest.map((one) => one.values[key]);
      const known = values.filter((value) => value !== undefined);
      return [
        strong(key),
        sparkline(values),
        figureOr(known[0]),
        figureOr(known.at(-1)),
        figureOr(Math.min(...known)),
        figureOr(Math.max(...known)),
      ];
    }),
  );
}

function chartParts(key: string, runs: readonly RunValues[], series: readonly MetricPoint[]): readonly ViewPart[] {
  const isSeries = series.length > 1;
  const oldest = [...runs].reverse();
  const points = isSeries
    ? series.map((point) => ({ x: point.step ?? 0, y: point.value }))
    : oldest.flatMap((one, x) => (one.values[key] === undefined ? [] : [{ x, y: one.values[key] }]));
  const from = isSeries ? `step ${points[0]?.x}` : (oldest[0]?.run.id ?? '');
  const to = isSeries ? `step ${points.at(-1)?.x} of run ${runs[0]?.run.id}` : (oldest.at(-1)?.run.id ?? '');
  return [line(strong(key), dim(`  ${from} … ${to}`)), { kind: 'text', lines: chart(points, figure) }];
}
