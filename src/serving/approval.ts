import type { Failure } from '../domain/failure.js';
import type { Approval, ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { instantOf } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import type { When } from '../domain/when.js';
import { wayBack } from '../gate/views/gate-view.js';
import { CHAMPION } from '../models/champion.js';
import { rollbackTarget } from '../models/rollback-obstacle.js';
import { type PromoteReport, promote } from './promote.js';
import { refuseRewound } from './rewound-registry.js';
import { approvalView, rejectionView } from './views/approval-view.js';

export interface Answered extends When {
  readonly reason: string;
  /** For the lock under which an approved version is served. */
  readonly waitMs?: number;
}

/** The result of an approval. It is recorded even if publishing has to wait. */
export interface ApproveReport {
  readonly view: View;
  readonly report: PromoteReport;
}

/** Records a person's approval with its reason, and serves the version if the gate still passes. */
export async function approve(
  services: Services,
  pipeline: Pipeline,
  version: ModelVersion,
  options: Answered,
): Promise<Result<ApproveReport, Failure>> {
  const wrong = cannotBeAnswered(services, pipeline, version);
  if (wrong !== undefined) return err(wrong);
  const current = await refuseRewound(services, pipeline);
  if (!current.ok) return current;
  const lastsMs = pipeline.model?.approvalMs ?? 0;
  const expiresAt = instantOf(options.now + lastsMs);
  const approval = record(services, version, options, { answer: 'approved', expiresAt });
  const promoted = await promote(services, pipeline, version, {
    ...options,
    reason: `approved: ${options.reason}`,
    isForced: false,
  });
  if (promoted.ok) return ok({ report: promoted.value, view: approvalView(version, approval, promoted.value) });
  services.emit({
    type: 'warning',
    code: 'approved-not-served',
    text: `the approval of ${version.model}@${version.version} is recorded: "refit promote" or the next retrain serves it`,
  });
  return promoted;
}

/**
 * Records a person's rejection with its reason. The version can then be served only by a later approval or by force.
 */
export function reject(
  services: Services,
  pipeline: Pipeline,
  version: ModelVersion,
  options: Answered,
): Result<View, Failure> {
  const wrong = cannotBeAnswered(services, pipeline, version);
  if (wrong !== undefined) return err(wrong);
  return ok(rejectionView(version, record(services, version, options, { answer: 'rejected' })));
}

function cannotBeAnswered(
  { registry }: Services,
  { model, file }: Pick<Pipeline, 'model' | 'file'>,
  { model: name, version }: ModelVersion,
): Failure | undefined {
  const what = `${name}@${version}`;
  if (model?.approval !== 'manual')
    return {
      code: 'usage',
      problem: `no version of ${file} waits for an approval: versions that pass the gate are served automatically`,
      next: `write approval: manual into "model", or serve it now: refit promote ${what} --reason "…"`,
    };
  if (registry.models.alias(name, CHAMPION)?.to === version)
    return {
      code: 'usage',
      problem: `${what} serves already`,
      next: wayBack(name, rollbackTarget({ registry }, { model })),
    };
  return undefined;
}

const record = (
  { registry, clock, surroundings }: Services,
  version: ModelVersion,
  { now, reason }: Answered,
  answer: Pick<Approval, 'answer' | 'expiresAt'>,
): Approval =>
  registry.models.recordApproval({
    version: { model: version.model, version: version.version },
    hash: version.hash,
    reason,
    actor: surroundings.actor(),
    givenAt: clock.now(),
    now,
    ...answer,
  });
