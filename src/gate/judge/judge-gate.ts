import type { GateCheck } from '../../domain/models/model.js';
import type { Comparator, GateRule } from '../../domain/pipeline/pipeline.js';
import { formatDuration } from '../../domain/support/time.js';
import { compareWithRival } from './comparison.js';
import { figure, figureBeside, isBeyond } from './figure.js';
import { type Judged, type MetricRule, type Scored, scoreOf } from './judgement-input.js';
import { judgeSliceLimits, judgeSlices, judgeSpread } from './slices.js';

/** Every check, in the order of the file. */
export function judgeGate(judged: Judged): readonly GateCheck[] {
  const isFirst = !judged.hasChampion && judged.isServing !== true;
  const accepts = isFirst && judged.first === 'accept';
  let [command, successes] = [0, 0];
  const checks = judged.rules.flatMap((rule): readonly GateCheck[] => {
    if (rule.kind === 'successes') return [successesCheck(rule, judged.successes[successes++] ?? 0)];
    if (rule.kind !== 'metric') return [commandCheck(rule, judged.commands[command++])];
    if (accepts) return [{ name: rule.metric, verdict: 'not-applicable', detail: ACCEPTED }];
    return [...withChampion(rule, judged), ...comparisons(rule, judged)];
  });
  if (accepts) return [...checks, { name: FIRST_VERSION, verdict: 'pass', detail: ACCEPTED }];
  if (judged.isServing === true && checks.every((check) => check.verdict === 'not-applicable'))
    return [...checks, { name: SERVING, verdict: 'pass', detail: UNTOUCHED }];
  if (!isFirst && checks.every((check) => check.verdict === 'not-applicable'))
    return [
      ...checks,
      { name: LATER_VERSION, verdict: 'fail', detail: judged.rules.length === 0 ? NO_GATE : NO_CHECK },
    ];
  if (!isFirst || judged.rules.some(isAbsolute)) return checks;
  return [...checks, { name: FIRST_VERSION, verdict: 'fail', detail: UNJUDGED }];
}

/** The checks of a rule without rivals, each with the champion's own value and verdict beside it. */
function withChampion(rule: MetricRule, { candidate, champion }: Judged): readonly GateCheck[] {
  const theirs = champion === undefined ? [] : absoluteChecks(rule, champion);
  return absoluteChecks(rule, candidate).map((check, i) => {
    const { observed, verdict } = theirs[i] ?? {};
    return { ...check, champion: observed, championVerdict: verdict === 'not-applicable' ? undefined : verdict };
  });
}

const SERVING = 'serving version';
const UNTOUCHED = 'it serves already, and no check of the gate judges a model without another';
/** Name of the check that says whether the gate can judge a first version at all. */
export const FIRST_VERSION = 'first version';
const ACCEPTED = 'first: accept, and there is no champion';
const UNJUDGED =
  'no check says what a model must reach by itself, and there is no champion to compare with; add min or max of a metric, or first: accept';

/** Name of the check that says why no later version can pass. */
const LATER_VERSION = 'later version';
const NO_GATE = 'the model has no gate, so nothing says whether it may replace the champion; add rules under "gate"';
const NO_CHECK =
  'no check of the gate could judge this version; add a rule with min or max of a metric, or against: champion';

/**
 * Whether a rule judges the model without a rival. Commands do not count: that they run does not tell how good the
 * model is.
 */
const isAbsolute = (rule: GateRule): boolean =>
  rule.kind === 'metric' && (rule.min !== undefined || rule.max !== undefined);

/** The gate passes if no check failed and at least one passed. An empty gate does not pass. */
export const gateVerdict = (checks: readonly GateCheck[]): 'pass' | 'fail' =>
  checks.some((check) => check.verdict === 'pass') && checks.every((check) => check.verdict !== 'fail')
    ? 'pass'
    : 'fail';

type CommandRule = Extract<GateRule, { readonly kind: 'smoke' | 'latency' }>;

function commandCheck(rule: CommandRule, result: Judged['commands'][number] | undefined): GateCheck {
  if (rule.kind === 'smoke')
    return {
      name: 'smoke',
      verdict: result?.isGood === true ? 'pass' : 'fail',
      detail: result?.detail ?? 'it was not run',
    };
  const name = `latency <= ${formatDuration(rule.maxMs)}`;
  const { latencyMs } = result ?? {};
  if (result?.isGood !== true || latencyMs === undefined || !Number.isFinite(latencyMs))
    return { name, verdict: 'fail', limit: rule.maxMs, detail: result?.detail ?? 'it was not measured' };
  const verdict = latencyMs <= rule.maxMs ? 'pass' : 'fail';
  return { name, verdict, observed: latencyMs, limit: rule.maxMs, detail: result.detail };
}

function successesCheck(rule: Extract<GateRule, { readonly kind: 'successes' }>, found: number): GateCheck {
  const under = rule.profile === undefined ? '' : ` under profile ${rule.profile}`;
  return {
    name: `prior successes >= ${rule.count}${under}`,
    verdict: found >= rule.count ? 'pass' : 'fail',
    observed: found,
    limit: rule.count,
    detail: `of the other runs${under} the last ${found} succeeded, ${rule.count} are required`,
  };
}

function absoluteChecks(rule: MetricRule, candidate: Scored): readonly GateCheck[] {
  if (rule.slices !== undefined)
    return [...judgeSliceLimits(rule, candidate, rule.slices), ...judgeSpread(rule, candidate, rule.slices)];
  const value = scoreOf(candidate, rule.metric, 'the candidate');
  const limits = [
    ...(rule.min === undefined ? [] : [{ sign: '>=', limit: rule.min, excess: (x: number) => (rule.min ?? 0) - x }]),
    ...(rule.max === undefined ? [] : [{ sign: '<=', limit: rule.max, excess: (x: number) => x - (rule.max ?? 0) }]),
  ];
  return limits.map(({ sign, limit, excess }): GateCheck => {
    const name = `${rule.metric} ${sign} ${limit}`;
    if (typeof value === 'string') return { name, verdict: 'fail', limit, detail: value };
    const over = excess(value);
    const verdict = isBeyond(over, limit) ? 'fail' : 'pass';
    const detail = `it is ${over > 0 && verdict === 'pass' ? figure(value) : figureBeside(value, limit)}`;
    return { name, verdict, observed: value, limit, detail };
  });
}

function comparisons(rule: MetricRule, judged: Judged): readonly GateCheck[] {
  const limits = [
    ['max_regression', rule.maxRegression],
    ['min_improvement', rule.minImprovement],
    ['max_improvement', rule.maxImprovement],
  ] as const;
  return rule.against.flatMap((against) =>
    limits.flatMap(([kind, limit]): readonly GateCheck[] =>
      limit === undefined ? [] : [compare({ rule, kind, limit, against }, judged)],
    ),
  );
}

interface Asked {
  readonly rule: MetricRule;
  readonly kind: 'max_regression' | 'min_improvement' | 'max_improvement';
  readonly limit: number;
  readonly against: Comparator;
}

function compare({ rule, kind, limit, against }: Asked, judged: Judged): GateCheck {
  const scope = rule.slices === undefined ? '' : ` by ${rule.slices}`;
  const name = `${rule.metric}${scope} against ${against}, ${kind} ${limit}${rule.isRelative ? ' (relative)' : ''}`;
  const rival = judged.rivals[against];
  if (rival === undefined) throw new Error(`internal error: no rival was found for "${against}"`);
  if (rival.kind === 'none') return { name, verdict: 'not-applicable', limit, detail: rival.why };
  if (rival.kind === 'unscored') return { name, verdict: 'fail', limit, detail: rival.why };
  const compared = { rule, kind, limit, name, candidate: judged.candidate, rival };
  const check = rule.slices === undefined ? compareWithRival(compared) : judgeSlices(compared, rule.slices);
  const champion = rule.slices === undefined ? judged.champion?.metrics[rule.metric] : undefined;
  return champion === undefined ? check : { ...check, champion };
}
