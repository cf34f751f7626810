import type { ModelName, PipelineName } from '../domain/ids.js';
import type { Approval, ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';

/** A person's answer to a version, as it counts now. */
export type StandingAnswer =
  | { readonly kind: 'approved'; readonly approval: Approval }
  | { readonly kind: 'expired' | 'rejected'; readonly approval: Approval }
  /** No answer, or an approval that has been used. */
  | { readonly kind: 'none' };

/** The last answer to a version. An approval serves once, and only before it expires. */
export function standingAnswer(
  { registry }: Pick<Services, 'registry'>,
  version: ModelVersion,
  now: Instant,
): StandingAnswer {
  const [approval] = registry.models.approvals(version);
  if (approval === undefined || approval.hash !== version.hash) return { kind: 'none' };
  if (approval.answer === 'rejected') return { kind: 'rejected', approval };
  if (registry.models.moves(version.model).some((move) => move.approval === approval.id)) return { kind: 'none' };
  const isOver = approval.expiresAt !== undefined && now >= approval.expiresAt;
  return { kind: isOver ? 'expired' : 'approved', approval };
}

export interface PendingApproval {
  readonly version: ModelVersion;
  /** When the gate passed. */
  readonly since: Instant;
  readonly answer: StandingAnswer;
}

/** How many of the newest decisions are searched for one that waits. */
const DECISIONS = 50;

/**
 * The newest candidate that waits for an approval, if nothing was promoted or rejected since. What lies in the future of the clock
 * hides no candidate of a right clock, unless it is the candidate's own promotion.
 */
export function pendingApproval(
  services: Pick<Services, 'registry' | 'clock'>,
  model: ModelName,
  { pipeline, now }: { readonly pipeline: PipelineName; readonly now: Instant },
): PendingApproval | undefined {
  const { decisions, models } = services.registry;
  const clock = services.clock.now();
  const past = decisions.list({ pipeline, decision: 'retrain', limit: DECISIONS, decidedUntil: clock });
  for (const decision of past) {
    const outcome = decisions.outcome(decision.id);
    if (outcome === undefined || !['pending-approval', 'published'].includes(outcome.outcome)) continue;
    if (outcome.outcome === 'published' || outcome.candidateVersion === undefined) return undefined;
    const found = models.get({ model, version: outcome.candidateVersion });
    const isServed = models
      .moves(model)
      .some(({ movedAt, to }) => movedAt >= outcome.at && (movedAt <= clock || to === outcome.candidateVersion));
    if (found === undefined || isServed) return undefined;
    const answer = standingAnswer(services, found, now);
    return answer.kind === 'rejected' ? undefined : { version: found, since: outcome.at, answer };
  }
  return undefined;
}
