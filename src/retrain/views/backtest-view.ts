import { windowJson } from '../../data/views/window-view.js';
import type { BacktestReport, BacktestTick, PolicyReplay } from '../../domain/decisions/backtest.js';
import type { Json } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { blank, dim, figure, line, moment, span, strong, table } from '../../render/parts/parts.js';
import { padToColumns, shorten, widest } from '../../render/parts/width.js';

/** The document of `backtest`. */
export function backtestView(report: BacktestReport): View {
  const { policies, metric, isHigherBetter } = report;
  return {
    json: {
      pipeline: report.pipeline,
      from: toIso(report.from),
      to: toIso(report.to),
      every_ms: report.everyMs,
      metric: metric ?? null,
      direction: isHigherBetter ? 'higher' : 'lower',
      policies: policies.map(policyJson),
      cached: report.isCached,
      duration_ms: Math.round(report.durationMs),
    },
    parts: [
      line(
        strong(report.pipeline),
        dim(
          ` replayed from ${moment(report.from).slice(0, 10)} to ${moment(report.to).slice(0, 10)}, every ${span(report.everyMs)}, in ${span(report.durationMs)}${report.isCached ? ' (nothing has changed since it was replayed)' : ''}`,
        ),
      ),
      blank,
      table(
        ['policy', 'trained', 'published', 'took', `${metric ?? 'metric'} mean`, 'worst'],
        policies.map(({ label, trainings, published, trainingMs, mean, worst }) => [
          label,
          String(trainings),
          String(published),
          span(trainingMs),
          mean === undefined ? dim('–') : figure(mean),
          worst === undefined ? dim('–') : figure(worst),
        ]),
      ),
      blank,
      ...plot(report),
      ...reasons(policies[0]),
    ],
  };
}

const policyJson = (policy: PolicyReplay): Json => ({
  name: policy.name,
  label: policy.label,
  trainings: policy.trainings,
  published: policy.published,
  training_ms: policy.trainingMs,
  mean: policy.mean ?? null,
  worst: policy.worst ?? null,
  ticks: policy.ticks.map(
    (tick): Json => ({
      at: toIso(tick.at),
      decision: tick.decision,
      summary: tick.summary,
      outcome: tick.outcome ?? null,
      windows: (tick.windows ?? []).map(windowJson),
      trained_at: tick.trainedAt === undefined ? null : toIso(tick.trainedAt),
      metrics: { ...tick.metrics },
    }),
  ),
});

const BARS = '▁▂▃▄▅▆▇█';

/** One row for each policy with one bar for each tick, all on one scale. Marks below show the trainings. */
function plot({ policies, metric }: BacktestReport): readonly ViewPart[] {
  if (metric === undefined) return [];
  const values = policies.flatMap(({ ticks }) => ticks.flatMap((tick) => tick.metrics[metric] ?? []));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const bar = (tick: BacktestTick): string => {
    const value = tick.metrics[metric];
    if (value === undefined) return ' ';
    return BARS[high === low ? 3 : Math.round(((value - low) / (high - low)) * (BARS.length - 1))] ?? ' ';
  };
  const width = widest(policies.map(({ label }) => label));
  return [
    {
      kind: 'text',
      lines: [
        `  ${metric}, ${figure(low)} to ${figure(high)}: a bar for the model in force until each tick; ● trained and served, ○ trained and refused`,
        ...policies.flatMap(({ label, ticks }) => [
          `  ${padToColumns(label, width)}  ${ticks.map(bar).join('')}`,
          `  ${padToColumns('', width)}  ${ticks.map(mark).join('')}`,
        ]),
      ],
    },
  ];
}

const mark = ({ outcome }: BacktestTick): string => (outcome === undefined ? '·' : outcome === 'published' ? '●' : '○');

/** When the pipeline's own policy would have fired, and why. */
function reasons(policy: PolicyReplay | undefined): readonly ViewPart[] {
  const fired = (policy?.ticks ?? []).filter((tick) => tick.decision !== 'wait');
  if (fired.length === 0) return [];
  return [
    blank,
    table(
      ['at', 'decision', 'came of it', 'because'],
      fired.map(({ at, decision, outcome, summary }) => [
        moment(at).slice(0, 10),
        decision,
        outcome ?? dim('–'),
        dim(shorten(summary, 90)),
      ]),
    ),
  ];
}
