import type { ApprovalId, ContentHash, DecisionId, GateVerdictId, ModelName } from '../../domain/ids.js';
import type { AliasMove } from '../../domain/models/model.js';
import { fromIso } from '../../domain/support/time.js';
import { oneOf } from '../database/rows.js';

export interface MoveRow {
  readonly model: string;
  readonly alias: string;
  readonly generation: number;
  readonly kind: string;
  readonly from_version: number | null;
  readonly to_version: number;
  readonly to_hash: string;
  readonly reason: string;
  readonly is_forced: number;
  readonly actor: string;
  readonly gate: number | null;
  readonly decision: string | null;
  readonly moved_at: string;
  readonly now: string;
  readonly approval: number | null;
  readonly trigger_kind: string | null;
}

export const toMove = (row: MoveRow): AliasMove => ({
  model: row.model as ModelName,
  alias: row.alias,
  generation: row.generation,
  kind: oneOf(['promotion', 'rollback'] as const, row.kind, 'move'),
  ...(row.from_version === null ? {} : { from: row.from_version }),
  to: row.to_version,
  toHash: row.to_hash as ContentHash,
  reason: row.reason,
  isForced: row.is_forced === 1,
  actor: row.actor,
  ...(row.gate === null ? {} : { gate: row.gate as GateVerdictId }),
  ...(row.decision === null ? {} : { decision: row.decision as DecisionId }),
  ...(row.approval === null ? {} : { approval: row.approval as ApprovalId }),
  ...(row.trigger_kind === null ? {} : { trigger: row.trigger_kind }),
  movedAt: fromIso(row.moved_at),
  now: fromIso(row.now),
});
