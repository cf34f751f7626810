import type { PlotPoint } from '../../domain/plot.js';
import type { MetricPoint, Run } from '../../domain/runs/run.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { asJson, blank, dim, figure, line, moment, plural, strong, table, toned } from '../../render/parts/parts.js';
import { sparkline } from '../../render/parts/plots/sparkline.js';

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
  /** Limits of the gate by metric, as the pipeline file is now. */
  readonly limits: readonly GateLimit[];
}

export interface GateLimit {
  readonly metric: string;
  readonly bound: 'min' | 'max';
  readonly value: number;
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
            ? [chartPart(keys[0] ?? '', values, plot)]
            : [sparklines(keys, values), ...chartParts(keys, values, plot)]
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

const MOST_CHARTS = 3;

/** Charts of the metrics that the gate limits; without limits, of the first ones. */
function chartParts(keys: readonly string[], runs: readonly RunValues[], plot: MetricsPlot): readonly ViewPart[] {
  const limited = keys.filter((key) => plot.limits.some(({ metric }) => metric === key));
  const shown = (limited.length === 0 ? keys : limited).slice(0, MOST_CHARTS);
  const rest = keys.length - shown.length;
  return [
    ...shown.map((key) => chartPart(key, runs, plot)),
    ...(rest === 0 ? [] : [blank, line(dim(`${plural(rest, 'more metric')}: a chart of one with --key <metric>`))]),
  ];
}

/** One metric over the training steps of the newest run, or over the runs at their time. */
function chartPart(key: string, runs: readonly RunValues[], { series, limits }: MetricsPlot): ViewPart {
  const isSeries = series.length > 1;
  const points: readonly PlotPoint[] = isSeries
    ? series.map((point) => ({ x: point.step ?? 0, y: point.value }))
    : runs.flatMap(({ run, values }) => (values[key] === undefined ? [] : [{ x: run.now, y: values[key] }]));
  return {
    kind: 'plot',
    plot: {
      kind: 'series',
      title: isSeries ? `${key} of run ${runs[0]?.run.id}` : `${key} over ${plural(points.length, 'run')}`,
      unit: key,
      axis: isSeries ? 'number' : 'time',
      axisUnit: isSeries ? 'training step' : 'time of the run, UTC',
      points: points.toSorted((a, b) => a.x - b.x),
      levels: limits
        .filter(({ metric }) => metric === key)
        .map(({ bound, value }) => ({ value, label: `gate: ${bound} ${figure(value)}` })),
      notes: [],
    },
  };
}
