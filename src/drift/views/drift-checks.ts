import { findingChecks } from '../../data/views/data-checks.js';
import type { Check } from '../../domain/check.js';
import type { DriftReport, FeatureDrift } from '../../domain/data/drift.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import { figure } from '../../render/parts/parts.js';

const OUTCOMES: Readonly<Record<FeatureDrift['verdict'], Check['outcome']>> = {
  drift: 'fail',
  unclear: 'fail',
  finding: 'fail',
  stable: 'pass',
  undecided: 'skipped',
};

/** The verdict on the table, on each column and segment, and the data bugs. */
export function driftChecks(
  report: DriftReport,
  pipeline: Pick<Pipeline, 'name' | 'datasets' | 'monitor'> | undefined,
): readonly Check[] {
  const group = `${pipeline?.name ?? 'files'}: drift`;
  const at = pipeline?.monitor?.at;
  return [
    {
      group,
      name: 'all columns',
      outcome: OUTCOMES[report.verdict],
      detail: report.undecidedBecause ?? `${report.drifted} of ${report.total} columns drifted`,
      at,
    },
    ...report.features.map((feature) => ({
      group,
      name: `column ${feature.name}`,
      outcome: OUTCOMES[feature.verdict],
      detail: feature.detail ?? scoreText(feature),
      at,
      // the verdict on the table speaks for its columns, and data bugs for themselves
      isTold: true,
    })),
    ...report.segments.map((segment) => ({
      group,
      name: `segment ${segment.name} ${segment.value}`,
      outcome: OUTCOMES[segment.verdict],
      detail: segment.detail ?? `${segment.drifted.length} columns drifted`,
      at,
      isTold: true,
    })),
    ...findingChecks(report.dataBugs, pipeline, group),
  ];
}

const scoreText = ({ method, score, threshold }: FeatureDrift): string =>
  score === undefined
    ? 'not judged'
    : `${method} ${figure(score)}${threshold === undefined ? '' : `, limit ${figure(threshold)}`}`;
