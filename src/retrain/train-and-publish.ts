import type { TrainingWindow } from '../domain/data/training-window.js';
import type { DecisionOutcome } from '../domain/decisions/decision.js';
import type { PipelineResult, RetrainReport } from '../domain/decisions/retrain-report.js';
import type { Failure } from '../domain/failure.js';
import type { DecisionId } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { ExecutorName } from '../domain/pipeline/executor.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { RunTrigger } from '../domain/runs/run.js';
import { ok, type Result } from '../domain/support/result.js';
import type { When } from '../domain/when.js';
import { isRolledBackFrom } from '../models/rolled-back.js';
import { runLocked } from '../run/run-pipeline.js';
import { moveChampion } from '../serving/move-champion.js';
import { type StandingAnswer, standingAnswer } from '../serving/standing-approval.js';
import { scoreEarned } from './score-earned.js';

interface Training extends When {
  readonly decision: DecisionId;
  readonly trigger: RunTrigger;
  readonly champion: ModelVersion | undefined;
  /** How many steps run at a time. */
  readonly jobs?: number;
  readonly executor?: ExecutorName;
  /** The model is trained from zero although a version serves. */
  readonly isFromZero?: boolean;
  /** The rows that its steps are handed. Absent: as the newest verdicts say. */
  readonly windows?: readonly TrainingWindow[];
  /** Skips scoring earlier versions. */
  readonly isEarnedLeftOut?: boolean;
}

export interface Trained {
  readonly row: DecisionOutcome;
  readonly report: Pick<RetrainReport, 'result' | 'outcome' | 'move' | 'failure' | 'servedAt'>;
}

/** Runs the pipeline, registers and judges the model, and publishes it if the gate passed. */
export async function trainAndPublish(
  services: Services,
  pipeline: Pipeline,
  training: Training,
): Promise<Result<Trained, Failure>> {
  const ran = await runLocked(services, pipeline, { ...training, keepsParents: true });
  if (!ran.ok) return ran;
  const result = ran.value;
  const isAsked = pipeline.model?.approval === 'manual' && result.version !== undefined;
  const answer = isAsked ? standingAnswer(services, result.version, training.now) : undefined;
  const outcome = outcomeOf(services, result, { champion: training.champion, answer });
  if (outcome !== 'published' || result.version === undefined) {
    if (outcome !== 'failed') await scoreRivals(services, pipeline, training);
    const failure = outcome === 'failed' ? result.unscoredRival : undefined;
    return ok(ended(services, training, { result, outcome, failure }));
  }
  services.emit({ type: 'phase', text: `publishing ${result.version.model}@${result.version.version}` });
  const moved = await moveChampion(services, pipeline, result.version, {
    kind: 'promotion',
    reason: `retrain: ${training.trigger.kind}`,
    isForced: false,
    trigger: training.trigger.kind,
    now: training.now,
    ...(answer?.kind === 'approved' ? { approval: answer.approval.id } : {}),
    decision: training.decision,
    gate: result.gate === undefined ? undefined : result.gate.id,
  });
  if (!moved.ok) return ok(ended(services, training, { result, outcome: 'failed', failure: moved.error }));
  const hasFailed = moved.value.failure !== undefined;
  await scoreRivals(services, pipeline, training);
  return ok(ended(services, training, { result, outcome: hasFailed ? 'failed' : outcome, ...moved.value }));
}

const scoreRivals = async (services: Services, pipeline: Pipeline, training: Training): Promise<void> =>
  training.isEarnedLeftOut === true ? undefined : scoreEarned(services, pipeline, training);

function outcomeOf(
  services: Services,
  result: PipelineResult,
  { champion, answer }: { readonly champion: ModelVersion | undefined; readonly answer: StandingAnswer | undefined },
): DecisionOutcome['outcome'] {
  if (result.report.run.status !== 'succeeded' || result.failure !== undefined || result.version === undefined)
    return 'failed';
  if (champion !== undefined && result.version.version === champion.version) return 'nothing-new';
  if (result.gate === undefined) return 'registered';
  // Nothing was said about the candidate, so the reason to train stays.
  if (result.unscoredRival !== undefined) return 'failed';
  if (result.gate.verdict === 'fail') return 'gate-refused';
  if (isRolledBackFrom(services, result.version)) return 'rolled-back-before';
  if (answer === undefined || answer.kind === 'approved') return 'published';
  return answer.kind === 'rejected' ? 'rejected-before' : 'pending-approval';
}

function ended(
  services: Services,
  { decision, champion }: Training,
  end: Pick<RetrainReport, 'move' | 'failure' | 'servedAt'> & {
    readonly result: PipelineResult;
    readonly outcome: DecisionOutcome['outcome'];
  },
): Trained {
  const { result, move } = end;
  const row: DecisionOutcome = {
    decision,
    outcome: end.outcome,
    run: result.report.run.id,
    at: services.clock.now(),
    candidateVersion: result.version === undefined ? undefined : result.version.version,
    gate: result.gate === undefined ? undefined : result.gate.id,
    ...(move === undefined || champion === undefined ? {} : { from: champion.version }),
    to: move === undefined ? undefined : move.to,
  };
  return { row, report: end };
}
