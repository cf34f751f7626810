import type { AliasMove, GateVerdict, ModelVersion } from '../../domain/models/model.js';
import type { ServingFinding } from '../../domain/models/serving.js';
import type { View, ViewPart } from '../../domain/view.js';
import { gateJson, gateParts, servingFailure } from '../../gate/views/gate-view.js';
import { moveJson } from '../../models/views/move-json.js';
import { asJson, blank, dim, line, strong, toned } from '../../render/parts/parts.js';

interface Moved {
  readonly move?: AliasMove;
  readonly failure?: unknown;
}

/** The document of `promote`. */
export function promoteView(
  version: ModelVersion,
  gate: GateVerdict | undefined,
  {
    move,
    failure,
    isServing,
    rollbackTo,
    pending,
    repaired = [],
  }: Moved & {
    readonly isServing?: boolean;
    readonly rollbackTo?: number;
    readonly pending?: Unanswered;
    readonly repaired?: readonly ServingFinding[];
  },
): View {
  const name = `${version.model}@${version.version}`;
  if (isServing === true)
    return {
      json: {
        version: name,
        gate: gate === undefined ? null : gateJson(gate),
        promotion: null,
        pending: null,
        repaired: repaired.map((one) => asJson(one)),
      },
      parts: [
        ...(gate === undefined ? [] : gateParts(gate)),
        line(strong(name), ' serves already'),
        ...servingFailure(name, gate, rollbackTo),
        ...repaired.map((one) => line(toned('repaired ', 'good'), `${one.path}: ${one.found}`, dim(`  (${one.code})`))),
      ],
    };
  return {
    json: {
      version: name,
      gate: gate === undefined ? null : gateJson(gate),
      promotion: move === undefined ? null : moveJson(move),
      pending: pending === undefined ? null : 'approval',
      repaired: [],
    },
    parts: [
      ...(gate === undefined ? [line(dim('the pipeline declares no gate: nothing was judged'))] : gateParts(gate)),
      blank,
      move === undefined
        ? failure !== undefined
          ? line(toned('rolled back ', 'bad'), strong(name), ' did not hold up; the version before serves again')
          : pending !== undefined
            ? pendingLine(name, pending)
            : line(
                toned('refused ', 'bad'),
                strong(name),
                '; promote --force --reason "…" overrides the gate and is marked for ever',
              )
        : line(
            toned('promoted ', 'good'),
            strong(name),
            move.from === undefined ? '' : dim(` in place of version ${move.from}`),
          ),
    ],
  };
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
export const rollbackView = (model: string, { move }: Moved): View => ({
  json: { model: move?.model ?? model, promotion: move === undefined ? null : moveJson(move) },
  parts: [
    move === undefined
      ? line(toned('not rolled back ', 'bad'), strong(model), ' serves the version that it served before')
      : line(
          toned('rolled back ', 'good'),
          strong(`${move.model}@${move.to}`),
          ' serves again',
          dim(move.from === undefined ? '' : ` in place of version ${move.from}`),
        ),
  ],
});
