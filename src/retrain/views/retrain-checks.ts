import { findingChecks } from '../../data/views/data-checks.js';
import type { Check } from '../../domain/check.js';
import type { RetrainReport } from '../../domain/decisions/retrain-report.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import { runChecks } from '../../run/views/run-checks.js';

/** The decision, the findings that it is about, and the run with its gate. */
export function retrainChecks({ decision, findings, result }: RetrainReport, pipeline: Pipeline): readonly Check[] {
  const isHeld = decision.decision === 'hold';
  const isStopped = decision.decision === 'paused' && decision.because.condition !== 'paused-by-hand';
  const found = findingChecks(findings, pipeline);
  return [
    {
      group: `${pipeline.name}: retrain`,
      name: 'decision',
      outcome: isHeld || isStopped ? 'fail' : 'pass',
      detail: `${decision.decision}: ${decision.summary}`,
      at: pipeline.retrain?.at,
    },
    // Findings that do not hold the training are shown, and fail nothing.
    ...(isHeld ? found : found.map((check) => ({ ...check, outcome: 'skipped' as const }))),
    ...(result === undefined ? [] : runChecks(result, pipeline)),
  ];
}
