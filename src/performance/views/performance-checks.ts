import { findingChecks } from '../../data/views/data-checks.js';
import type { Check } from '../../domain/check.js';
import type { PerformanceReport } from '../../domain/data/performance.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import { figure } from '../../render/parts/parts.js';

const OUTCOMES = { drift: 'fail', stable: 'pass', undecided: 'skipped' } as const;

/** The verdict on the watched metric, on each segment, and what is wrong with the feed. */
export function performanceChecks(
  report: PerformanceReport,
  pipeline: Pick<Pipeline, 'name' | 'datasets' | 'monitor'> | undefined,
): readonly Check[] {
  const group = `${pipeline?.name ?? 'files'}: performance`;
  const at = pipeline?.monitor?.at;
  return [
    { group, name: report.metric ?? 'metric', outcome: OUTCOMES[report.verdict], detail: report.detail, at },
    ...report.segments.map(({ column, value, verdict, fall, limit }) => ({
      group,
      name: `segment ${column} ${value}`,
      outcome: OUTCOMES[verdict],
      detail:
        fall === undefined
          ? 'not judged'
          : `it fell by ${figure(fall)}${limit === undefined ? '' : `, limit ${figure(limit)}`}`,
      at,
    })),
    ...findingChecks(report.findings, pipeline, group),
  ];
}
