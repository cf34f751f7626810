import type { AliasMove, GateVerdict, ModelVersion, RollbackTarget } from '../../domain/models/model.js';
import type { ServingFinding } from '../../domain/models/serving.js';
import type { JsonObject } from '../../domain/support/json.js';
import type { View, ViewPart } from '../../domain/view.js';
import { gateJson, gateParts, servingFailure } from '../../gate/views/gate-view.js';
import { moveJson } from '../../models/views/move-json.js';
import { asJson, blank, dim, line, strong, toned } from '../../render/parts/parts.js';
import { servedAtParts } from './served-at.js';

interface Moved {
  readonly move?: AliasMove;
  readonly failure?: unknown;
  /** The published model, relative to the workspace. */
  readonly servedAt?: string;
}

/** The document of `promote`. */
export function promoteView(version: ModelVersion, gate: GateVerdict | undefined, outcome: PromoteOutcome): View {
  const name = `${version.model}@${version.version}`;
  const judged = { version: name, gate: gate === undefined ? null : gateJson(gate) };
  return outcome.isServing === true ? servesAlready(name, judged, gate, outcome) : decided(name, judged, gate, outcome);
}

interface PromoteOutcome extends Moved {
  readonly isServing?: boolean;
  readonly rollbackTo?: RollbackTarget;
  readonly pending?: Unanswered;
  readonly repaired?: readonly ServingFinding[];
  readonly delivered?: readonly string[];
}

const servesAlready = (
  name: string,
  judged: JsonObject,
  gate: GateVerdict | undefined,
  { repaired = [], delivered = [], rollbackTo, servedAt }: PromoteOutcome,
): View => ({
  json: {
    ...judged,
    promotion: null,
    pending: null,
    repaired: repaired.map((one) => asJson(one)),
    delivered: [...delivered],
    served_at: servedAt ?? null,
  },
  parts: [
    ...(gate === undefined ? [] : gateParts(gate)),
    line(strong(name), ' serves already'),
    ...servedAtParts(servedAt),
    ...servingFailure(name, gate, rollbackTo),
    ...repaired.map((one) => line(toned('repaired ', 'good'), `${one.path}: ${one.found}`, dim(`  (${one.code})`))),
    ...(delivered.length === 0
      ? []
      : [line(toned('delivered ', 'good'), `${delivered.join(' and ')}, which had failed`)]),
  ],
});

const decided = (name: string, judged: JsonObject, gate: GateVerdict | undefined, outcome: PromoteOutcome): View => ({
  json: {
    ...judged,
    promotion: outcome.move === undefined ? null : moveJson(outcome.move),
    pending: outcome.pending === undefined ? null : 'approval',
    repaired: [],
    delivered: [],
    served_at: outcome.servedAt ?? null,
  },
  parts: [
    ...(gate === undefined ? [line(dim('the pipeline declares no gate: nothing was judged'))] : gateParts(gate)),
    blank,
    outcomeLine(name, outcome),
    ...(outcome.move === undefined ? [] : servedAtParts(outcome.servedAt)),
  ],
});

function outcomeLine(name: string, { move, failure, pending }: PromoteOutcome): ViewPart {
  if (move !== undefined) {
    const before = move.from === undefined ? '' : dim(` in place of version ${move.from}`);
    return line(toned('promoted ', 'good'), strong(name), before);
  }
  if (failure !== undefined)
    return line(toned('rolled back ', 'bad'), strong(name), ' did not hold up; the version before serves again');
  if (pending !== undefined) return pendingLine(name, pending);
  const how = '; promote --force --reason "…" overrides the gate and is marked for ever';
  return line(toned('refused ', 'bad'), strong(name), how);
}

interface Unanswered {
  readonly kind: 'none' | 'approved' | 'expired' | 'rejected';
  readonly approval?: { readonly actor: string; readonly reason: string };
}

function pendingLine(name: string, { kind, approval }: Unanswered): ViewPart {
  const why =
    kind === 'rejected'
      ? ` was rejected by ${approval?.actor}: ${approval?.reason}`
      : kind === 'expired'
        ? ' was approved, and the approval has expired'
        : ' passes the gate, and the pipeline also requires approval by a person';
  return line(toned('not served ', 'warn'), strong(name), why, dim(`; refit approve ${name} --reason "…"`));
}

/** The document of `rollback`. */
export const rollbackView = (model: string, { move, servedAt }: Moved): View => ({
  json: {
    model: move?.model ?? model,
    promotion: move === undefined ? null : moveJson(move),
    served_at: servedAt ?? null,
  },
  parts: [
    move === undefined
      ? line(toned('not rolled back ', 'bad'), strong(model), ' serves the version that it served before')
      : line(
          toned('rolled back ', 'good'),
          strong(`${move.model}@${move.to}`),
          ' serves again',
          dim(move.from === undefined ? '' : ` in place of version ${move.from}`),
        ),
    ...(move === undefined ? [] : servedAtParts(servedAt)),
  ],
});
