import { findingJson, findingParts } from '../../data/views/data-view.js';
import { schemaFields, schemaJson } from '../../data/views/used-schemas.js';
import { windowFields, windowJson } from '../../data/views/window-view.js';
import type { Finding } from '../../domain/data/finding.js';
import type { DecisionOutcome, RetrainDecision } from '../../domain/decisions/decision.js';
import type { UsedSchema } from '../../domain/ports/records/data-records.js';
import type { Run } from '../../domain/runs/run.js';
import { toIso } from '../../domain/support/time.js';
import type { View } from '../../domain/view.js';
import { fields, line, moment, strong, word } from '../../render/parts/parts.js';
import { besideLines, conditionJson, conditionLines } from './retrain-view.js';

/** The training from zero that the candidate was to be compared with, and its version where it has one. */
export interface Compared {
  readonly run: Run;
  readonly version: number | undefined;
}

interface Evidence {
  readonly findings: readonly Finding[];
  readonly schemas: readonly UsedSchema[];
  readonly compared?: Compared | undefined;
}

/** The document of `why` about a decision. */
export function decisionView(
  decision: RetrainDecision,
  outcome: DecisionOutcome | undefined,
  { findings, schemas, compared }: Evidence,
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
      compared:
        compared === undefined
          ? null
          : { from: 'zero', run: compared.run.id, status: compared.run.status, version: compared.version ?? null },
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
        ['compared', compared === undefined ? undefined : comparedText(compared)],
        ...schemaFields(schemas),
      ]),
      ...conditionLines(decision.because),
      ...besideLines(decision),
      ...findingParts(findings),
    ],
  };
}

const comparedText = ({ run, version }: Compared): string =>
  version === undefined
    ? `with a training from zero that ${run.status === 'succeeded' ? 'is tainted' : run.status}, run ${run.id}`
    : `with version ${version}, trained from zero, run ${run.id}`;
