import { countText } from '../../domain/support/count-text.js';
import { quantileDistance } from '../../statistics/distribution.js';
import { medianHigh } from '../../statistics/quantiles.js';
import { isExplained, isOtherSeason } from './explained.js';
import { type Fault, unclear } from './fault.js';
import { number, percent } from './finding.js';
import { missingRise } from './missing-rise.js';
import {
  CODES,
  type ColumnPast,
  isConstant,
  isFrozen,
  isSurprising,
  ksLimit,
  LEAST_COUNT,
  presentRows,
  seenRange,
  shareAt,
  usualShare,
} from './past.js';
import { isCharge, isPrice, isSetting, isStorey, mayBeNegative } from './repairs/unit-names.js';
import { signLost } from './sign-lost.js';
import { spike } from './spike.js';

const NEGATIVE_SHARE = 0.002;
const FAR_SHARE = 0.002;
/**
 * Values this many ranges beyond the reference's range are reported; the world does not produce values beyond the
 * second number.
 */
const FAR_RANGES = 3;
const ABSURD_RANGES = 100;
/** If more of the values than this are far away, the column itself has moved. */
const MOST_FAR = 0.5;
/**
 * The gap before far values begins this many ranges beyond the seen values. At most the second share of the far values
 * may lie in it.
 */
const GAP_RANGES = 0.5;
const IN_THE_GAP = 0.2;
/** A value that had at least this share of the rows before may take all of them. */
const KNOWN_SHARE = 0.05;
/** If a column's smallest value is at most this share of its median, it measures a size that ends at zero. */
const ENDS_AT_ZERO = 0.15;
/** If more of the rows than this have a text of their own, the texts are ids. */
const ONCE = 0.5;
/** Many values are close to zero if this share of them is at most so large, as a share of the median. */
const LOWEST = 0.01;
const NEAR_ZERO = 0.25;
/** A column that becomes 0 may have ended there if its smallest value was at most this share of its median. */
const LOW_END = 0.3;
const MIRROR_KS = 0.3;
/** Basements of buildings reach down to here. */
const LOWEST_STOREY = -5;
const WHOLE = 0.95;

/** What a column's own values show. Each rule is judged against all earlier windows of the same length. */
export function pointRules(column: ColumnPast): readonly Fault[] {
  for (const rule of [missingRise, becameConstant, spike, outside, negatives, signLost]) {
    const fault = rule(column);
    if (fault !== undefined) return [fault];
  }
  return [];
}

/**
 * A column became constant, and no earlier window had nearly as much of the value. A constant column that begins to
 * vary is a change in the world.
 */
function becameConstant(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (!isConstant(now) || before.distinct <= 2 || isFrozen(column)) return undefined;
  const value = now.numeric?.min ?? now.categories?.top[0]?.value;
  if (value === undefined) return undefined;
  const shareOf = (one: ColumnPast['now']): number =>
    typeof value === 'number'
      ? shareAt(one, value)
      : (one.categories?.top.find((kept) => kept.value === value)?.count ?? 0) / Math.max(1, presentRows(one));
  const was = Math.max(shareOf(before), ...past.map(shareOf));
  const rows = presentRows(now);
  if (!isSurprising(rows, rows, usualShare(was * presentRows(before), presentRows(before)))) return undefined;
  if (isExplained(column, (one) => one === value)) return undefined;
  const text = typeof value === 'number' ? number(value) : value;
  const fault: Fault = {
    code: 'constant',
    severity: 'error',
    detail: `every value is ${text}; the reference has ${countText(before.distinct, before.isDistinctEstimate)} different ones`,
    rows,
    selects: { kind: 'present', column: now.name },
    likelyCause: 'a sensor or a join that stopped: a default in every row',
    evidence: { value, before: was, after: 1 },
  };
  const isCode = typeof value === 'string' || (before.type !== 'number' && before.distinct <= CODES);
  // A new code in every row may be the next month or season, a new text another spelling, but not in a column of ids.
  if (isCode && was === 0 && !isOfIds(before)) return undefined;
  if (was >= KNOWN_SHARE || (isCode && was > 0)) return unclear(fault, `only rows with ${text} have come`);
  if (isOneRate(now.name, value)) return unclear(fault, worldOfRate(value));
  const mayBeAll = isSetting(now.name) || (value === 0 && endsLow(before));
  return mayBeAll && isOtherSeason(column)
    ? unclear(fault, value === 0 ? 'the season is over: no snow, no heating' : 'everybody has the same setting now')
    : fault;
}

/** Whether a column of sizes begins not far from zero. */
function endsLow({ numeric }: ColumnPast['before']): boolean {
  const middle = medianHigh(numeric?.quantiles ?? []) ?? 0;
  return numeric !== undefined && numeric.min >= 0 && numeric.min <= LOW_END * middle;
}

/** Whether most texts occur once. */
const isOfIds = (column: ColumnPast['before']): boolean =>
  column.categories !== undefined && column.categories.singletons > ONCE * presentRows(column);

/** Rows of nines that nothing costs: what programs write for "nothing". */
const NINES = /^9{3,}(\.9+)?$/;

/** Whether a rule may have set one price for all: any charge, even none, and any other price that is not nothing. */
function isOneRate(name: string, value: number | string): boolean {
  if (typeof value !== 'number' || value < 0 || NINES.test(String(value))) return false;
  return isCharge(name) || (isPrice(name) && value > 0);
}

const worldOfRate = (value: number | string): string =>
  value === 0 ? 'it is free for everybody' : 'everybody has the same rate now';

/**
 * Values much farther out than all that was seen before, with a gap before them; a longer tail would have no gap. They
 * may be a new kind of rows. Absurd values are a fault.
 */
function outside(column: ColumnPast): Fault | undefined {
  const { before, now } = column;
  if (before.numeric === undefined || now.numeric === undefined || isFrozen(column)) return undefined;
  // A new value in every row may be the next month. A default in every row is reported as a constant.
  if (isConstant(now) && before.distinct <= CODES) return undefined;
  const { min, max } = seenRange(column);
  const range = max - min;
  if (range === 0 || before.distinct <= 2) return undefined;
  const { quantiles } = now.numeric;
  const shareBeyond = (ranges: number): number =>
    quantiles.filter((one) => one < min - ranges * range || one > max + ranges * range).length / quantiles.length;
  const share = shareBeyond(FAR_RANGES);
  const count = Math.round(share * presentRows(now));
  if (share < FAR_SHARE || count < LEAST_COUNT || shareBeyond(GAP_RANGES) > (1 + IN_THE_GAP) * share) return undefined;
  const fault: Fault = {
    code: 'far-outside',
    severity: 'error',
    detail: `${percent(share)} of the values lie farther from ${number(min)} … ${number(max)} than ${FAR_RANGES} times that range`,
    rows: count,
    selects: { kind: 'outside', column: now.name, lower: min - FAR_RANGES * range, upper: max + FAR_RANGES * range },
    likelyCause: 'another unit, or a code for "missing"',
    evidence: { share, lowest: now.numeric.min, highest: now.numeric.max },
  };
  const absurd = Math.round(shareBeyond(ABSURD_RANGES) * presentRows(now));
  // If most of the column is far away, its unit has changed, or it has grown.
  return absurd >= LEAST_COUNT && share < MOST_FAR
    ? fault
    : unclear(fault, 'rows of another size have come: new customers, goods or events');
}

/**
 * Negative values in a column without any. It is a fault if they mirror the column's values, if all of them are the
 * same value, or if all values are negative. It is unclear if they are others, in a column that ended at zero.
 */
function negatives(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined || isFrozen(column)) return undefined;
  const rows = presentRows(now);
  const { negatives: count } = now.numeric;
  const share = count / Math.max(1, rows);
  const isNew = before.numeric.negatives === 0 && past.every((one) => (one.numeric?.negatives ?? 0) === 0);
  if (!isNew || share < NEGATIVE_SHARE || count < LEAST_COUNT) return undefined;
  if (!isSurprising(count, rows, usualShare(0, presentRows(before)))) return undefined;
  const values = now.numeric.quantiles.filter((one) => one < 0);
  const isOneValue = values[0] === values.at(-1);
  const fault: Fault = {
    code: 'negative',
    severity: 'error',
    detail: `${percent(share)} of the values are negative; the reference has none`,
    rows: count,
    selects: { kind: 'outside', column: now.name, lower: 0 },
    likelyCause: isOneValue ? 'a code for "missing"' : 'a flipped sign',
    repair: isOneValue ? `read ${number(values[0] ?? 0)} as missing` : 'change the sign of the negative values',
    evidence: { before: 0, after: share, lowest: now.numeric.min },
  };
  const isBasement = isStorey(now.name) && now.numeric.min >= LOWEST_STOREY;
  if (isOneValue) return isBasement ? unclear(fault, 'rows from below the ground have come') : fault;
  const says = judgeMirror(column, values, share);
  if (says === 'fault') return fault;
  return says === 'unclear' ? unclear(fault, 'the values have fallen below zero') : undefined;
}

function judgeMirror(
  { before, now }: ColumnPast,
  values: readonly number[],
  share: number,
): 'fault' | 'unclear' | 'neither' {
  const positive = before.numeric?.quantiles.filter((one) => one > 0) ?? [];
  const mirror = values.map((one) => -one).reverse();
  const distance = quantileDistance(positive, mirror);
  const isMirror = distance <= ksLimit(now.numeric?.negatives ?? 0, presentRows(before));
  // All of a balance or a temperature may go below zero, and as far as it was above.
  if (isMirror) return share >= WHOLE && mayBeNegative(now.name) ? 'unclear' : 'fault';
  const middle = medianHigh(positive) ?? 0;
  const endsAtZero = (positive[0] ?? 0) <= ENDS_AT_ZERO * middle;
  // A size cannot be negative. If nearly all values are, the sign is wrong, whatever else has changed.
  const isWrong = endsAtZero && (share >= WHOLE || distance <= MIRROR_KS);
  if (isWrong) return mayBeNegative(now.name) ? 'unclear' : 'fault';
  // Where the values thin out towards zero, or have moved as a whole, they may cross it. Otherwise zero is their end.
  const reachesZero = endsAtZero && (positive[Math.floor(LOWEST * positive.length)] ?? 0) <= NEAR_ZERO * middle;
  const others = now.numeric?.quantiles.filter((one) => one > 0) ?? [];
  const hasStayed = quantileDistance(positive, others) <= MIRROR_KS;
  const isImpossible = reachesZero && hasStayed && !mayBeNegative(now.name);
  return distance <= MIRROR_KS || isImpossible ? 'unclear' : 'neither';
}
