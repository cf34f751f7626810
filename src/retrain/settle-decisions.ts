import type { DecisionOutcome, RetrainDecision } from '../domain/decisions/decision.js';
import type { AliasMove } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { firedLeaves } from './judge/evaluate-condition.js';

type Dependencies = Pick<Services, 'registry' | 'clock'>;

/**
 * Records the outcome of decisions of this machine whose command was killed, so that what they trained and published keeps its
 * cause. The caller holds the pipeline's lock, under which what the command left was repaired.
 */
export function settleDecisions(services: Dependencies, pipeline: Pipeline): void {
  for (const decision of services.registry.decisions.interrupted(pipeline.name)) {
    const outcome = outcomeOf(services, pipeline, decision);
    if (outcome !== undefined) services.registry.decisions.recordOutcome(outcome);
  }
}

/** `undefined`: a hook of its move has not ended yet. */
function outcomeOf(
  services: Dependencies,
  { model }: Pipeline,
  decision: RetrainDecision,
): DecisionOutcome | undefined {
  if (model === undefined) return undefined;
  const { models } = services.registry;
  const moves = models.recordedMoves(model.name);
  const move = moves.find((one) => one.decision === decision.id);
  const isOfMove = ({ generation }: { readonly generation: number }): boolean => generation === move?.generation;
  if (models.owedHooks(model.name).some((one) => isOfMove(one.move))) return undefined;
  const hasFailed = move !== undefined && models.undelivered(move).length > 0;
  const run = trainingOf(services, decision)?.id ?? versionOf(services, move)?.run;
  const registered = run === undefined ? undefined : models.ofRun(run).find((one) => one.model === model.name);
  const isMovedBack = hasFailed && moves.some((one) => one.trigger === 'hook-failed' && one.from === move?.to);
  return {
    decision: decision.id,
    outcome: move === undefined || hasFailed ? 'failed' : 'published',
    run,
    candidateVersion: move?.to ?? registered?.version,
    gate: move?.gate,
    from: isMovedBack ? undefined : move?.from,
    to: isMovedBack ? undefined : move?.to,
    at: services.clock.now(),
  };
}

const versionOf = ({ registry }: Dependencies, move: AliasMove | undefined) =>
  move === undefined ? undefined : registry.models.get({ model: move.model, version: move.to });

/** More than retrain starts for one decision: the training from zero, and its own. */
const RUNS_BACK = 50;

/** The last run that the decision started, before another decision was made. */
function trainingOf({ registry }: Dependencies, { pipeline, because, decidedAt }: RetrainDecision): Run | undefined {
  const kind = (firedLeaves(because)[0] ?? because).condition;
  const next = registry.decisions
    .list({ pipeline, limit: RUNS_BACK })
    .findLast((one) => one.decidedAt > decidedAt)?.decidedAt;
  return registry.runs
    .list({ pipeline, limit: RUNS_BACK })
    .find(
      (run) => run.trigger.kind === kind && run.startedAt >= decidedAt && (next === undefined || run.startedAt < next),
    );
}
