import type { AliasMove } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';

export function moveJson(move: AliasMove): JsonObject {
  return {
    model: move.model,
    from: move.from ?? null,
    to: move.to,
    kind: move.kind,
    reason: move.reason,
    forced: move.isForced,
    actor: move.actor,
    at: toIso(move.movedAt),
    now: toIso(move.now),
    generation: move.generation,
    trigger: move.trigger ?? null,
    approved: move.approval !== undefined,
  };
}
