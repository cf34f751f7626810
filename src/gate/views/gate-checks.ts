import type { Check } from '../../domain/check.js';
import type { GateVerdict } from '../../domain/models/model.js';
import type { GateRule, Pipeline } from '../../domain/pipeline/pipeline.js';

/** Every check of the gate, at its line of the pipeline file as far as its name tells. */
export const gateChecks = ({ name, model }: Pick<Pipeline, 'name' | 'model'>, gate: GateVerdict): readonly Check[] =>
  gate.checks.map(({ name: check, verdict, detail }) => ({
    group: `${name}: gate`,
    name: check,
    outcome: verdict === 'not-applicable' ? 'skipped' : verdict,
    detail,
    at: (model?.gate.find((rule) => isOf(rule, check)) ?? model)?.at,
  }));

/** Whether a check belongs to a rule, by the names that judging gives to checks. */
function isOf(rule: GateRule, check: string): boolean {
  if (rule.kind !== 'metric') return check.startsWith(rule.kind === 'successes' ? 'prior successes' : rule.kind);
  if (check !== rule.metric && !check.startsWith(`${rule.metric} `)) return false;
  const isComparison = check.includes(' against ');
  return (
    isComparison === rule.against.length > 0 &&
    check.includes('max_improvement') === (rule.maxImprovement !== undefined)
  );
}
