import type { GateCheck } from '../domain/model.js';
import { compareWithChampion } from './comparison.js';
import { figure } from './figure.js';
import { type Judged, type MetricRule, type Scored, type SmokeResult, scoreOf } from './judged.js';
import { judgeSliceLimits, judgeSlices } from './slices.js';

/** Every check, in the order of the file. */
export function judgeGate(judged: Judged): readonly GateCheck[] {
  let smoke = 0;
  const accepts = !judged.hasChampion && judged.first === 'accept';
  const checks = judged.rules.flatMap((rule): readonly GateCheck[] => {
    if (rule.kind === 'smoke') return [smokeCheck(judged.smoke[smoke++])];
    if (accepts)
      return [{ name: rule.metric, verdict: 'not-applicable', detail: 'first: accept, and there is no champion' }];
    return [...absoluteChecks(rule, judged.candidate), ...comparisons(rule, judged)];
  });
  if (!accepts) return checks;
  return [...checks, { name: 'first version', verdict: 'pass', detail: 'first: accept, and there is no champion' }];
}

/** A gate passes when nothing failed and something passed: an empty one does not. */
export const gateVerdict = (checks: readonly GateCheck[]): 'pass' | 'fail' =>
  checks.some((check) => check.verdict === 'pass') && checks.every((check) => check.verdict !== 'fail')
    ? 'pass'
    : 'fail';

const smokeCheck = (result: SmokeResult | undefined): GateCheck => ({
  name: 'smoke',
  verdict: result?.isGood === true ? 'pass' : 'fail',
  detail: result === undefined ? 'it was not run' : `${result.command}: ${result.detail}`,
});

function absoluteChecks(rule: MetricRule, candidate: Scored): readonly GateCheck[] {
  if (rule.slices !== undefined) return judgeSliceLimits(rule, candidate, rule.slices);
  const value = scoreOf(candidate, rule.metric, 'the candidate');
  const limits = [
    ...(rule.min === undefined ? [] : [{ sign: '>=', limit: rule.min, holds: (x: number) => x >= (rule.min ?? 0) }]),
    ...(rule.max === undefined ? [] : [{ sign: '<=', limit: rule.max, holds: (x: number) => x <= (rule.max ?? 0) }]),
  ];
  return limits.map(({ sign, limit, holds }): GateCheck => {
    const name = `${rule.metric} ${sign} ${limit}`;
    if (typeof value === 'string') return { name, verdict: 'fail', limit, detail: value };
    return { name, verdict: holds(value) ? 'pass' : 'fail', observed: value, limit, detail: `it is ${figure(value)}` };
  });
}

function comparisons(rule: MetricRule, judged: Judged): readonly GateCheck[] {
  const limits = [
    ['max_regression', rule.maxRegression],
    ['min_improvement', rule.minImprovement],
    ['max_improvement', rule.maxImprovement],
  ] as const;
  return limits.flatMap(([kind, limit]): readonly GateCheck[] => {
    if (limit === undefined) return [];
    const scope = rule.slices === undefined ? '' : ` by ${rule.slices}`;
    const name = `${rule.metric}${scope} against champion, ${kind} ${limit}${rule.isRelative ? ' (relative)' : ''}`;
    if (!judged.hasChampion) return [{ name, verdict: 'not-applicable', limit, detail: 'there is no champion yet' }];
    if (judged.champion === undefined)
      return [
        {
          name,
          verdict: 'fail',
          limit,
          detail: `the champion could not be scored: ${judged.championProblem ?? 'unknown'}`,
        },
      ];
    const compared = { rule, kind, limit, name, candidate: judged.candidate, champion: judged.champion };
    if (rule.slices !== undefined) return [judgeSlices(compared, rule.slices, judged)];
    return [compareWithChampion(compared, judged.pairs)];
  });
}
