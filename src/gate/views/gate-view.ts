import type { GateVerdict } from '../../domain/models/model.js';
import type { JsonObject } from '../../domain/support/json.js';
import type { ViewPart } from '../../domain/view.js';
import { dim, heading, table, times, word } from '../../render/parts/parts.js';

export function gateJson(gate: GateVerdict): JsonObject {
  return {
    verdict: gate.verdict,
    checks: gate.checks.map(({ name, verdict, observed, limit, detail }) => ({
      name,
      verdict,
      observed: observed ?? null,
      limit: limit ?? null,
      detail,
    })),
    ...times({ judged_at: gate.judgedAt }),
  };
}

export function gateParts(gate: GateVerdict): readonly ViewPart[] {
  return [
    heading(`gate: ${gate.verdict}`),
    table(
      ['check', 'verdict', 'detail'],
      gate.checks.map((check) => [check.name, word(check.verdict), dim(check.detail)]),
    ),
  ];
}
