import type { RetrainReport } from '../domain/decisions/retrain-report.js';
import type { Failure } from '../domain/failure.js';
import { EXIT, exitCodeOf } from './exit-codes.js';

/** Failures of a retrain that still made a decision. They are reported beside its document. */
export const failuresOf = ({ result, failure }: RetrainReport): readonly Failure[] => [
  ...(result?.report.failures ?? []),
  ...(result?.failure === undefined ? [] : [result.failure]),
  ...(failure === undefined ? [] : [failure]),
];

/** Exit code of a retrain, by its decision and outcome. */
export function retrainExit(report: RetrainReport): number {
  if (report.decision.decision === 'hold') return EXIT.data;
  // Somebody paused it on purpose: there is nothing to do. A pause after failures stays a failure until it is ended.
  if (report.decision.decision === 'paused')
    return report.decision.because.condition === 'paused-by-hand' ? EXIT.done : EXIT.failed;
  if (report.outcome === 'gate-refused') return EXIT.refused;
  // Nothing was trained, and what serves would not be let in today.
  if (report.outcome === 'nothing-new' && report.result?.gate?.verdict === 'fail') return EXIT.refused;
  const [failure] = failuresOf(report);
  if (report.outcome === 'failed')
    return failure === undefined ? EXIT.failed : Math.max(EXIT.failed, exitCodeOf(failure));
  return EXIT.done;
}
