import type { PerformanceReport } from '../../domain/data/performance.js';
import type { GateRule } from '../../domain/pipeline/pipeline.js';
import type { ViewPart } from '../../domain/view.js';
import { dim, figure, line } from '../../render/parts/parts.js';

interface PerformanceLevel {
  readonly value: number;
  readonly label: string;
  readonly isLimit: boolean;
}

/** The usual level, the limit below or above which it is a fall, and the gate's own limits of the metric. */
export function performanceLevels(
  { reference, fall, limit, current, metric }: PerformanceReport,
  gate: readonly GateRule[],
): readonly PerformanceLevel[] {
  const gates = gate.flatMap((rule) =>
    rule.kind !== 'metric' || rule.metric !== metric || rule.slices !== undefined
      ? []
      : (['min', 'max'] as const).flatMap((bound) => {
          const value = rule[bound];
          return value === undefined ? [] : [{ value, label: `gate ${bound} ${figure(value)}`, isLimit: true }];
        }),
  );
  if (reference === undefined) return gates;
  const usual = { value: reference, label: `usual ${figure(reference)}`, isLimit: false };
  const value = current?.estimate?.value;
  // The fall is signed so that more is worse, which tells whether the metric falls or rises when it gets worse.
  if (limit === undefined || fall === undefined || value === undefined || fall === 0) return [usual, ...gates];
  const direction = Math.sign((value - reference) / fall);
  const worst = reference + direction * limit;
  return [usual, { value: worst, label: `limit ${figure(worst)}`, isLimit: true }, ...gates];
}

/** The watched metric by window, with its intervals and levels. */
export function performancePlot(report: PerformanceReport, gate: readonly GateRule[]): ViewPart {
  const windows = [...report.windows, ...(report.current === undefined ? [] : [report.current])];
  const points = windows.flatMap(({ from, to, estimate }) =>
    estimate === undefined
      ? []
      : [{ x: (from + to) / 2, y: estimate.value, lower: estimate.lower, upper: estimate.upper }],
  );
  if (report.metric === undefined || points.length === 0)
    return line(dim('nothing to draw: no window could be judged'));
  return {
    kind: 'plot',
    plot: {
      kind: 'series',
      title: `${report.metric} over ${points.length} windows`,
      unit: report.metric,
      axis: 'time',
      axisUnit: 'middle of the window, UTC',
      points,
      levels: performanceLevels(report, gate),
      notes: [],
    },
  };
}
