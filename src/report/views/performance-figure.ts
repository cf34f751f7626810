import type { PerformanceReport } from '../../domain/data/performance.js';
import { instantOf } from '../../domain/support/time.js';
import { performanceLevels } from '../../performance/views/performance-plot.js';
import { figure, moment, plural } from '../../render/parts/parts.js';
import { printable } from '../../render/parts/printable.js';
import type { SeriesFigure } from './figures/figure.js';
import type { PipelineFacts } from './pipeline-facts.js';

/** The watched metric by window, with the level before, the limit, the gate's own limits, versions and episodes. */
export function performanceFigure(facts: PipelineFacts, report: PerformanceReport): SeriesFigure | undefined {
  const { metric } = report;
  const windows = [...report.windows, ...(report.current === undefined ? [] : [report.current])];
  const points = windows.flatMap(({ from, to, estimate, labelled }) =>
    estimate === undefined
      ? []
      : [
          {
            at: instantOf((from + to) / 2),
            value: estimate.value,
            lower: estimate.lower,
            upper: estimate.upper,
            text: `${moment(from)} to ${moment(to)}: ${figure(estimate.value)} (${figure(estimate.lower)} to ${figure(estimate.upper)}), ${plural(labelled, 'labelled prediction')}`,
          },
        ],
  );
  const [first, last] = [windows[0], windows.at(-1)];
  if (metric === undefined || first === undefined || last === undefined || points.length === 0) return undefined;
  return {
    kind: 'series',
    name: 'performance',
    title: `${printable(metric)} over time`,
    description: report.detail,
    unit: printable(metric),
    points,
    levels: performanceLevels(report, facts.pipeline.model?.gate ?? []),
    marks: facts.moves
      .filter((move) => move.now >= first.from && move.now <= last.to)
      .map((move) => ({ at: move.now, label: `@${move.to}` })),
    shades: facts.episodes
      .filter((one) => one.metric === metric && (one.end?.now ?? last.to) >= first.from && one.since <= last.to)
      .map((one) => ({
        from: instantOf(Math.max(one.since, first.from)),
        to: instantOf(Math.min(one.end?.now ?? last.to, last.to)),
        label: `fall since ${moment(one.since)}`,
      })),
  };
}
