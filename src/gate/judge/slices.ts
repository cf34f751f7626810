import type { GateCheck } from '../../domain/models/model.js';
import { normalQuantile } from '../../statistics/normal.js';
import type { PairedPredictions } from './difference.js';
import { figure, figureBeside, isBeyond, signed } from './figure.js';
import type { Comparison, MetricRule, Scored, ScoredRival } from './judgement-input.js';
import { pairedDifference } from './paired.js';

/** Probability, over all slices together, that a slice of two equal models is called worse. */
const SLICE_ALARM_RATE = 0.05;

interface Slice {
  readonly value: string;
  /** Absent if `evaluate` does not report it. */
  readonly rows?: number;
  readonly gain: number;
  /** The smallest allowed gain, or for `max_improvement` the largest, in the metric's unit. */
  readonly limit: number;
  /** Standard error of the gain. Absent without paired rows. */
  readonly standardError?: number;
}

/**
 * Every slice with enough rows must keep the margin. If both models' predictions have the slice column, a slice fails
 * only if it is worse beyond chance (one-sided, Bonferroni over the slices), because among hundreds of slices some are
 * worse by accident. A slice in which only the rival has a value fails. A relative margin is a share of the rival's
 * value in that slice.
 */
export function judgeSlices(compared: Comparison, slices: string): GateCheck {
  const { rule, name, limit, candidate, rival } = compared;
  const theirs = rival.scored;
  const bound = compared.kind === 'max_regression' ? -limit : limit;
  const problem =
    sliceProblem(rule, candidate, slices, 'the candidate') ?? sliceProblem(rule, theirs, slices, `the ${rival.label}`);
  if (problem !== undefined) return { name, verdict: 'fail', limit: bound, detail: problem };
  const rivals = largeSlices(rule, theirs, slices);
  const own = candidate.slices[slices] ?? {};
  const lost = rivals.filter(
    ({ value, score }) => score !== undefined && finite(own[value]?.[rule.metric]) === undefined,
  );
  if (lost.length > 0) {
    const detail = `the candidate has no ${rule.metric} in ${list(lost.map((one) => one.value))}, and the ${rival.label} has`;
    return { name, verdict: 'fail', limit: bound, detail };
  }
  const zero = rule.isRelative ? rivals.filter(({ score }) => score === 0).map((one) => one.value) : [];
  if (zero.length > 0) {
    const detail = `a relative margin means nothing where the ${rival.label} is at 0: ${list(zero)}; use an absolute one`;
    return { name, verdict: 'fail', limit: bound, detail };
  }
  const common = largeSlices(rule, candidate, slices).flatMap(({ value, rows, score }): readonly Slice[] => {
    const other = rivals.find((one) => one.value === value)?.score;
    if (score === undefined || other === undefined) return [];
    const gain = (rule.direction === 'higher' ? 1 : -1) * (score - other);
    return [
      {
        value,
        gain,
        limit: rule.isRelative ? bound * Math.abs(other) : bound,
        rows,
      },
    ];
  });
  if (common.length === 0) {
    const detail = `no slice of "${slices}" has ${rule.minCount ?? 1} rows in both evaluations`;
    return { name, verdict: 'not-applicable', limit: bound, detail };
  }
  return compareSlices(compared, common, slices);
}

/** Tolerance for rounding errors. */
const EQUAL = 1e-12;

function compareSlices(compared: Comparison, common: readonly Slice[], by: string): GateCheck {
  const { name, limit, kind, rule } = compared;
  const { pairs, sliceColumns }: ScoredRival = compared.rival;
  const z = normalQuantile(1 - SLICE_ALARM_RATE / common.length);
  const rowsOf = groupRows(sliceColumns?.[by] ?? []);
  const slices = common.map((slice) =>
    pairs === undefined ? slice : withError(slice, rule.metric, pairs, rowsOf.get(slice.value) ?? []),
  );
  const isWorse = (slice: Slice): boolean =>
    kind === 'max_improvement'
      ? slice.gain > slice.limit + EQUAL
      : slice.gain + z * (slice.standardError ?? 0) < slice.limit - EQUAL;
  const distance = (slice: Slice): number => (slice.gain - slice.limit) * (kind === 'max_improvement' ? -1 : 1);
  const nearest = [...slices].sort((a, b) => distance(a) - distance(b));
  const worse = nearest.filter(isWorse);
  const shown = worse.length > 0 ? worse.slice(0, 5) : nearest.slice(0, 1);
  const named = shown
    .map(({ value, gain, rows }) => `${value} ${signed(gain)}${rows === undefined ? '' : ` (${rows} rows)`}`)
    .join(', ');
  const share = rule.isRelative ? ` of the ${compared.rival.label}` : '';
  return {
    name,
    verdict: worse.length > 0 ? 'fail' : 'pass',
    observed: nearest[0]?.gain ?? 0,
    limit: nearest[0]?.limit ?? limit,
    detail: `${slices.length} slices, ${worse.length} surely beyond ${figure(limit)}${share}; ${worse.length > 0 ? 'they are' : 'the nearest to it is'} ${named}`,
  };
}

/** `min` and `max` for every slice with enough rows. A slice without the metric fails. */
export function judgeSliceLimits(rule: MetricRule, candidate: Scored, slices: string): readonly GateCheck[] {
  const limits = [
    ...(rule.min === undefined ? [] : [{ sign: '>=', limit: rule.min, room: (x: number) => x - (rule.min ?? 0) }]),
    ...(rule.max === undefined ? [] : [{ sign: '<=', limit: rule.max, room: (x: number) => (rule.max ?? 0) - x }]),
  ];
  const problem = sliceProblem(rule, candidate, slices, 'the candidate');
  const large = largeSlices(rule, candidate, slices);
  return limits.map(({ sign, limit, room }): GateCheck => {
    const name = `${rule.metric} by ${slices} ${sign} ${limit}`;
    if (problem !== undefined) return { name, verdict: 'fail', limit, detail: problem };
    const blank = large.filter((slice) => slice.score === undefined).map((slice) => slice.value);
    if (blank.length > 0)
      return { name, verdict: 'fail', limit, detail: `the candidate has no ${rule.metric} in ${list(blank)}` };
    const scores = large.map(({ value, score = Number.NaN }) => ({ value, score }));
    const [lowest] = [...scores].sort((a, b) => room(a.score) - room(b.score));
    if (lowest === undefined)
      return {
        name,
        verdict: 'not-applicable',
        limit,
        detail: `no slice of "${slices}" has ${rule.minCount ?? 1} rows`,
      };
    const beyond = scores.filter((slice) => isBeyond(-room(slice.score), limit));
    const shown = beyond.length > 0 ? beyond.slice(0, 5) : [lowest];
    return {
      name,
      verdict: beyond.length > 0 ? 'fail' : 'pass',
      observed: lowest.score,
      limit,
      detail: `${scores.length} slices, ${beyond.length} beyond ${figure(limit)}; ${beyond.length > 0 ? 'they are' : 'the nearest to it is'} ${shown.map((one) => `${one.value} ${beyond.length > 0 ? figureBeside(one.score, limit) : figure(one.score)}`).join(', ')}`,
    };
  });
}

/** `max_spread`: the distance between the best and the worst slice with enough rows. */
export function judgeSpread(rule: MetricRule, candidate: Scored, slices: string): readonly GateCheck[] {
  const limit = rule.maxSpread;
  if (limit === undefined) return [];
  const name = `${rule.metric} by ${slices}, max_spread ${limit}`;
  const problem = sliceProblem(rule, candidate, slices, 'the candidate');
  if (problem !== undefined) return [{ name, verdict: 'fail', limit, detail: problem }];
  const large = largeSlices(rule, candidate, slices);
  const blank = large.filter((slice) => slice.score === undefined).map((slice) => slice.value);
  if (blank.length > 0)
    return [{ name, verdict: 'fail', limit, detail: `the candidate has no ${rule.metric} in ${list(blank)}` }];
  const ranked = large.map(({ value, score = Number.NaN }) => ({ value, score })).sort((a, b) => a.score - b.score);
  const [least, most] = [ranked[0], ranked.at(-1)];
  if (least === undefined || most === undefined || ranked.length < 2) {
    const detail = `fewer than two slices of "${slices}" have ${rule.minCount ?? 1} rows`;
    return [{ name, verdict: 'not-applicable', limit, detail }];
  }
  const spread = most.score - least.score;
  const detail = `from ${least.value} ${figure(least.score)} to ${most.value} ${figure(most.score)}, over ${ranked.length} slices`;
  return [{ name, verdict: spread <= limit + EQUAL ? 'pass' : 'fail', observed: spread, limit, detail }];
}

/** Why slices cannot be judged at all. The check then fails, as with a missing metric. */
function sliceProblem(rule: MetricRule, scored: Scored, slices: string, whose: string): string | undefined {
  const groups = scored.slices[slices];
  if (groups === undefined) {
    const has = Object.keys(scored.slices).join(', ') || 'none';
    return `${whose} was not scored by slices of "${slices}"; it has ${has}. Let "evaluate" write { "slices": { "${slices}": { "some value": { "${rule.metric}": 0.61, "n": 912 } } } }`;
  }
  const lacksCount = Object.values(groups).some((metrics) => metrics.n === undefined);
  return rule.minCount !== undefined && lacksCount
    ? `"min_count" needs the row count "n" in every slice of "${slices}", and ${whose} has some without. Let "evaluate" write { "${rule.metric}": 0.61, "n": 912 } for each`
    : undefined;
}

function largeSlices(rule: MetricRule, scored: Scored, slices: string) {
  return Object.entries(scored.slices[slices] ?? {})
    .map(([value, metrics]) => ({ value, rows: metrics.n, score: finite(metrics[rule.metric]) }))
    .filter(({ rows }) => rows === undefined || rows >= (rule.minCount ?? 1));
}

const finite = (value: number | undefined): number | undefined =>
  value !== undefined && Number.isFinite(value) ? value : undefined;

const list = (names: readonly string[]): string =>
  names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;

function withError(slice: Slice, metric: string, pairs: PairedPredictions, rows: readonly number[]): Slice {
  const pick = (values: readonly number[]): readonly number[] => rows.map((i) => values[i] ?? 0);
  const found = pairedDifference(metric, {
    label: pick(pairs.label),
    candidate: pick(pairs.candidate),
    champion: pick(pairs.champion),
  });
  return found === undefined ? slice : { ...slice, standardError: found.standardError };
}

/** Row numbers by slice value, in one pass. */
function groupRows(column: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  column.forEach((value, i) => {
    const rows = groups.get(value);
    if (rows === undefined) groups.set(value, [i]);
    else rows.push(i);
  });
  return groups;
}
