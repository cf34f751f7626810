import { windowJson } from '../../data/views/window-view.js';
import type { Care } from '../../domain/decisions/attention.js';
import type { DecisionOutcome, RetrainDecision } from '../../domain/decisions/decision.js';
import { toIso } from '../../domain/support/time.js';
import type { View } from '../../domain/view.js';
import { dim, line, moment, strong, table, word } from '../../render/parts/parts.js';
import { careJson, careSpans } from './attention-parts.js';
import { conditionJson } from './retrain-view.js';

interface Listed {
  readonly decision: RetrainDecision;
  readonly outcome: DecisionOutcome | undefined;
}

/** The document of `decisions`. */
export function decisionsView(
  listed: readonly Listed[],
  care: readonly (Care & { readonly pipeline: string })[],
): View {
  const named = care.map((one) => ({ pipeline: one.pipeline, spans: careSpans(one) }));
  return {
    json: {
      pipelines: care.map((one) => ({ pipeline: one.pipeline, ...careJson(one) })),
      decisions: listed.map(({ decision, outcome }) => ({
        id: decision.id,
        pipeline: decision.pipeline,
        decision: decision.decision,
        summary: decision.summary,
        because: conditionJson(decision.because),
        conditions: decision.conditions === undefined ? null : conditionJson(decision.conditions),
        windows: (decision.windows?.windows ?? []).map(windowJson),
        champion: decision.championVersion ?? null,
        decided_at: toIso(decision.decidedAt),
        now: toIso(decision.now),
        actor: decision.actor,
        outcome:
          outcome === undefined ? null : { outcome: outcome.outcome, run: outcome.run ?? null, to: outcome.to ?? null },
      })),
    },
    parts: [
      ...named
        .filter(({ spans }) => spans.length > 0)
        .map(({ pipeline, spans }) => line(strong(pipeline), '  ', ...spans)),
      listed.length === 0
        ? line('no decisions yet; "refit retrain" makes one, also when it says no')
        : table(
            ['decision', 'now (UTC)', 'pipeline', '', 'outcome', 'why'],
            listed.map(({ decision, outcome }) => [
              dim(decision.id),
              moment(decision.now),
              decision.pipeline,
              word(decision.decision),
              outcome === undefined ? dim('–') : word(outcome.outcome),
              decision.summary,
            ]),
          ),
    ],
  };
}
