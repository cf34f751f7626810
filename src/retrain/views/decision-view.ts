import { findingJson, findingParts } from '../../data/views/data-view.js';
import { schemaFields, schemaJson } from '../../data/views/used-schemas.js';
import { windowFields, windowJson } from '../../data/views/window-view.js';
import type { Finding } from '../../domain/data/finding.js';
import type { DecisionOutcome, RetrainDecision } from '../../domain/decisions/decision.js';
import type { UsedSchema } from '../../domain/ports/registry.js';
import { toIso } from '../../domain/support/time.js';
import type { View } from '../../domain/view.js';
import { fields, line, moment, strong, word } from '../../render/parts/parts.js';
import { besideLines, conditionJson, conditionLines } from './retrain-view.js';

/** The document of `why` about a decision. */
export function decisionView(
  decision: RetrainDecision,
  outcome: DecisionOutcome | undefined,
  { findings, schemas }: { readonly findings: readonly Finding[]; readonly schemas: readonly UsedSchema[] },
): View {
  return {
    json: {
      id: decision.id,
      decision: decision.decision,
      summary: decision.summary,
      because: conditionJson(decision.because),
      conditions: decision.conditions === undefined ? null : conditionJson(decision.conditions),
      windows: (decision.windows?.windows ?? []).map(windowJson),
      decided_at: toIso(decision.decidedAt),
      now: toIso(decision.now),
      actor: decision.actor,
      outcome:
        outcome === undefined ? null : { outcome: outcome.outcome, run: outcome.run ?? null, to: outcome.to ?? null },
      findings: findings.map(findingJson),
      schemas: schemas.map(schemaJson),
    },
    parts: [
      line('decision ', strong(decision.id), ': ', word(decision.decision), `, ${decision.summary}`),
      fields([
        ['when', `${moment(decision.decidedAt)} UTC, now ${moment(decision.now)}, by ${decision.actor}`],
        ['champion', decision.championVersion === undefined ? 'none' : `version ${decision.championVersion}`],
        [
          'outcome',
          outcome === undefined
            ? undefined
            : `${outcome.outcome}${outcome.run === undefined ? '' : `, run ${outcome.run}`}`,
        ],
        ...windowFields(decision.windows?.windows),
        ...schemaFields(schemas),
      ]),
      ...conditionLines(decision.because),
      ...besideLines(decision),
      ...findingParts(findings),
    ],
  };
}
