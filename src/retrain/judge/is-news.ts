import type { RetrainDecision } from '../../domain/decisions/decision.js';
import type { RetrainReport } from '../../domain/decisions/retrain-report.js';

/**
 * Whether a person who is told only of changes has to hear of it: something was trained or failed, or the decision is another one
 * than before. A hold or a pause that goes on is no news, nor is another "no".
 */
export function isNews(report: RetrainReport, before: RetrainDecision | undefined): boolean {
  const { decision, failure, result } = report;
  if (decision.decision === 'retrain' || failure !== undefined || result !== undefined) return true;
  const was = before?.decision === 'retrain' ? undefined : before;
  if (decision.decision === 'wait') return was !== undefined && was.decision !== 'wait';
  return was?.decision !== decision.decision || was.because.condition !== decision.because.condition;
}
