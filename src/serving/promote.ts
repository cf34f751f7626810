import type { Failure } from '../domain/failure.js';
import type { AliasMove, GateVerdict, HookName, ModelVersion, RollbackTarget } from '../domain/models/model.js';
import type { ServingFinding } from '../domain/models/serving.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { timedNow, type When } from '../domain/when.js';
import { judgeCandidate, standingVerdict } from '../gate/judge-candidate.js';
import { CHAMPION } from '../models/champion.js';
import { goesBackward } from '../models/ledger.js';
import { rollbackTarget } from '../models/rollback-obstacle.js';
import { failedHooks } from './check-serving.js';
import { deliverAgain } from './deliver-hooks.js';
import { moveChampion, servedPath } from './move-champion.js';
import { withPipelineLock } from './pipeline-lock.js';
import { ensureStored } from './publish/ensure-stored.js';
import { repairServing } from './repair-serving.js';
import { type StandingAnswer, standingAnswer } from './standing-approval.js';

export interface PromoteReport {
  readonly version: ModelVersion;
  readonly gate?: GateVerdict;
  readonly move?: AliasMove;
  /** The version was the champion already. Nothing was moved. */
  readonly isServing?: boolean;
  /** The version to go back to, if what serves fails the gate and there is one. */
  readonly rollbackTo?: RollbackTarget;
  /** Differences from the registry that were repaired. */
  readonly repaired?: readonly ServingFinding[];
  /** Hooks that had failed or were left out, and have succeeded now. */
  readonly delivered?: readonly HookName[];
  /** Failure of a deploy or verify hook. If `move` is given too, the version serves nevertheless. */
  readonly failure?: Failure;
  /** The gate passed, but the approval is missing. Nothing was moved. */
  readonly pending?: StandingAnswer;
  /** The published model, relative to the workspace. */
  readonly servedAt?: string;
}

export interface PromoteOptions extends When {
  readonly reason: string;
  readonly isForced: boolean;
  readonly waitMs?: number;
}

/**
 * Makes a registered version the champion. Judges it again if champion, test data or gate have changed since its
 * verdict.
 */
export async function promote(
  services: Services,
  pipeline: Pipeline,
  version: ModelVersion,
  given: PromoteOptions,
): Promise<Result<PromoteReport, Failure>> {
  return withPipelineLock<PromoteReport>(services, pipeline, given.waitMs, async () => {
    const options = timedNow(services, given);
    // By the wall clock a promotion is always allowed, because an urgent one must not wait for a ledger that is ahead
    // of it.
    const backward = options.isNowGiven ? goesBackward(services, pipeline, options) : undefined;
    if (backward !== undefined) return err(backward);
    const isServing = services.registry.models.alias(version.model, CHAMPION)?.to === version.version;
    const stored = isServing ? ok(undefined) : await ensureStored(services, version);
    if (!stored.ok) return stored;
    const repaired = isServing ? await repair(services, pipeline, options) : ok(undefined);
    if (!repaired.ok) return repaired;
    const servedAt = servedPath(pipeline.model?.publish, version);
    if (repaired.value?.failure !== undefined) return ok({ version, isServing, servedAt, ...repaired.value });
    const gate = await currentVerdict(services, pipeline, version, options);
    if (!gate.ok) return gate;
    const rollbackTo = gate.value?.verdict === 'fail' ? rollbackTarget(services, pipeline) : undefined;
    if (isServing) return ok({ version, gate: gate.value, isServing, rollbackTo, servedAt, ...repaired.value });
    const base = { version, gate: gate.value };
    if (gate.value?.verdict === 'fail' && !options.isForced) return ok(base);
    const answer = pipeline.model?.approval === 'manual' ? standingAnswer(services, version, options.now) : undefined;
    if (answer !== undefined && answer.kind !== 'approved' && !options.isForced)
      return ok({ ...base, pending: answer });
    const moved = await moveChampion(services, pipeline, version, {
      kind: 'promotion',
      reason: options.reason,
      // Only where --force overrode something.
      isForced: gate.value?.verdict === 'fail' || (answer !== undefined && answer.kind !== 'approved'),
      trigger: 'manual',
      now: options.now,
      ...(answer?.kind === 'approved' ? { approval: answer.approval.id } : {}),
      gate: gate.value === undefined ? undefined : gate.value.id,
    });
    return moved.ok ? ok({ ...base, ...moved.value }) : moved;
  });
}

/** What serves is put right first, whatever the gate says of it: the published files, then hooks that failed. */
async function repair(
  services: Services,
  pipeline: Pipeline,
  { reason }: PromoteOptions,
): Promise<Result<Pick<PromoteReport, 'repaired' | 'delivered' | 'failure'>, Failure>> {
  const repaired = await repairServing(services, pipeline);
  if (!repaired.ok) return repaired;
  const failed = failedHooks(services, pipeline);
  const move = failed[0]?.move;
  if (move === undefined) return ok({ repaired: repaired.value });
  const again = await deliverAgain(services, pipeline, move, reason);
  if (!again.ok) return again;
  const { failure } = again.value;
  return ok({
    repaired: repaired.value,
    failure,
    delivered: failure === undefined ? failed.map((one) => one.hook) : [],
  });
}

async function currentVerdict(
  services: Services,
  pipeline: Pipeline,
  version: ModelVersion,
  options: PromoteOptions,
): Promise<Result<GateVerdict | undefined, Failure>> {
  const { model } = pipeline;
  if (model === undefined)
    return err({
      code: 'section-missing',
      pipeline: pipeline.file,
      section: 'model',
      command: 'promote',
      lines: 'model: model.pkl',
    });
  if (model.gate.length === 0 && model.first === 'gate') return ok(undefined);
  const standing = await standingVerdict(services, pipeline, version, options);
  if (!standing.ok || standing.value !== undefined) return standing;
  const judged = await judgeCandidate(services, pipeline, version, { ...options, run: version.run });
  return judged.ok ? ok(judged.value.gate) : judged;
}
