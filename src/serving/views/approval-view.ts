import type { AliasMove, Approval, GateVerdict, ModelVersion } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';
import { type Instant, toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { dim, line, moment, strong, toned } from '../../render/parts/parts.js';
import { promoteView } from './promote-view.js';

export const approvalJson = (approval: Approval): JsonObject => ({
  version: approval.version.version,
  answer: approval.answer,
  reason: approval.reason,
  actor: approval.actor,
  at: toIso(approval.givenAt),
  now: toIso(approval.now),
  expires_at: approval.expiresAt === undefined ? null : toIso(approval.expiresAt),
});

interface Promoted {
  readonly gate?: GateVerdict;
  readonly move?: AliasMove;
  readonly failure?: unknown;
  readonly isServing?: boolean;
}

/** The document of `approve`: the answer and its result. */
export function approvalView(version: ModelVersion, approval: Approval, promoted: Promoted): View {
  const { json, parts } = promoteView(version, promoted.gate, promoted);
  const until = approval.expiresAt === undefined ? '' : ` (valid until ${moment(approval.expiresAt)} UTC)`;
  const name = `${version.model}@${version.version}`;
  return {
    json: { ...json, approval: approvalJson(approval) },
    parts: [line(toned('approved ', 'good'), strong(name), dim(`  by ${approval.actor}${until}`)), ...parts],
  };
}

/** The document of `reject`. */
export const rejectionView = (version: ModelVersion, approval: Approval): View => ({
  json: { version: `${version.model}@${version.version}`, approval: approvalJson(approval) },
  parts: [
    line(
      toned('rejected ', 'bad'),
      strong(`${version.model}@${version.version}`),
      dim(`  by ${approval.actor}: ${approval.reason}; only a later approval, or force, serves it`),
    ),
  ],
});

export const approvalParts = (approvals: readonly Approval[]): readonly ViewPart[] =>
  approvals.map((one) =>
    line(
      `  ${moment(one.givenAt)} UTC  `,
      toned(one.answer, one.answer === 'approved' ? 'good' : 'bad'),
      dim(`  ${one.reason}, by ${one.actor}`),
    ),
  );

/** A version that waits for approval, for `status`. */
export interface WaitingVersion {
  readonly version: ModelVersion;
  readonly since: Instant;
  readonly answer: 'none' | 'approved' | 'expired' | 'rejected';
}

export const waitingText = ({ version, answer }: WaitingVersion): string =>
  answer === 'approved'
    ? 'approved, not yet served: refit promote'
    : `${answer === 'expired' ? 'its approval has expired: ' : ''}refit approve ${version.model}@${version.version} --reason "…", or reject`;
