import type { RetrainDecision } from '../../domain/decisions/decision.js';
import type { RetrainReport } from '../../domain/decisions/retrain-report.js';
import { muteCommands } from './evaluate-condition.js';

/**
 * Whether a person who is told only of changes has to hear of it: something was trained or failed, or the decision is another one
 * than before, or a command of a trigger can no longer be asked. A hold or a pause that goes on is no news, nor is another "no".
 */
export function isNews(report: RetrainReport, before: RetrainDecision | undefined): boolean {
  const { decision, failure, result } = report;
  if (isSameAgain(report, before)) return false;
  if (decision.decision === 'retrain' || failure !== undefined || result !== undefined) return true;
  const was = before?.decision === 'retrain' ? undefined : before;
  if (decision.decision === 'wait' && hasMute(decision) && !(before !== undefined && hasMute(before))) return true;
  if (decision.decision === 'wait') return was !== undefined && was.decision !== 'wait';
  return was?.decision !== decision.decision || was.because.condition !== decision.because.condition;
}

/** Whether a command of a trigger could not be asked. */
const hasMute = ({ because, conditions }: Pick<RetrainDecision, 'because' | 'conditions'>): boolean =>
  muteCommands(conditions ?? because).length > 0;

/** Without a gate nothing is ever promoted, so every call trains: one that made no new version and failed nowhere is no news. */
const isSameAgain = (
  { decision, outcome, result, failure }: RetrainReport,
  before: RetrainDecision | undefined,
): boolean =>
  before?.decision === 'retrain' &&
  before.because.condition === decision.because.condition &&
  outcome === 'registered' &&
  result?.isNewVersion === false &&
  failure === undefined;
