import type { GateCheck } from '../domain/model.js';
import { figure, signed } from './figure.js';
import type { Comparison, Judged } from './judged.js';
import { normalQuantile } from './normal.js';
import { type PairedPredictions, pairedDifference } from './paired.js';

/** How often the slices of two equal models may be called worse, over all slices. */
const SLICE_ALARM_RATE = 0.05;

interface Slice {
  readonly value: string;
  readonly rows: number;
  readonly gain: number;
  /** Of the gain; absent without paired rows. */
  readonly standardError?: number;
}

/**
 * Every slice with enough rows must keep the margin. Where both models' predictions carry the slice column, a slice fails
 * only when it is worse beyond chance (one-sided, Bonferroni over the slices): among hundreds of slices some are always
 * worse by accident.
 */
export function judgeSlices(compared: Comparison, slices: string, judged: Judged): GateCheck {
  const { rule, name, limit } = compared;
  const least = compared.kind === 'min_improvement' ? limit : -limit;
  const common = commonSlices(compared, slices);
  const judgedSlices = common.filter((slice) => slice.rows >= (rule.minCount ?? 1));
  if (judgedSlices.length === 0)
    return {
      name,
      verdict: 'not-applicable',
      limit: least,
      detail: `no slice of "${slices}" has ${rule.minCount ?? 1} rows in both evaluations`,
    };
  const z = normalQuantile(1 - SLICE_ALARM_RATE / judgedSlices.length);
  const { pairs } = judged;
  const rowsOf = groupRows(judged.sliceColumns?.[slices] ?? []);
  const withErrors = judgedSlices.map((slice) =>
    pairs === undefined ? slice : withError(slice, rule.metric, pairs, rowsOf.get(slice.value) ?? []),
  );
  const isWorse = (slice: Slice): boolean =>
    compared.kind === 'max_improvement' ? slice.gain > limit : slice.gain + z * (slice.standardError ?? 0) < least;
  const worse = withErrors.filter(isWorse).sort((a, b) => a.gain - b.gain);
  const lowest = withErrors.reduce((a, b) => (b.gain < a.gain ? b : a));
  const shown = worse.length > 0 ? worse.slice(0, 5) : [lowest];
  const named = shown.map((slice) => `${slice.value} ${signed(slice.gain)} (${slice.rows} rows)`).join(', ');
  return {
    name,
    verdict: worse.length > 0 ? 'fail' : 'pass',
    observed: lowest.gain,
    limit: least,
    detail: `${judgedSlices.length} slices, ${worse.length} surely beyond ${figure(limit)}; ${worse.length > 0 ? 'they are' : 'the lowest is'} ${named}`,
  };
}

function commonSlices({ rule, candidate, champion }: Comparison, slices: string): readonly Slice[] {
  const better = rule.direction === 'higher' ? 1 : -1;
  const theirs = champion.slices[slices] ?? {};
  return Object.entries(candidate.slices[slices] ?? {}).flatMap(([value, metrics]): readonly Slice[] => {
    const [mine, other] = [metrics[rule.metric], theirs[value]?.[rule.metric]];
    if (mine === undefined || other === undefined) return [];
    return [{ value, rows: Math.min(metrics.n ?? 0, theirs[value]?.n ?? 0), gain: better * (mine - other) }];
  });
}

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
