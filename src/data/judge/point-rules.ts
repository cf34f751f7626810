import { quantileDistance } from '../../statistics/distribution.js';
import { type Fault, unclear } from './fault.js';
import { identifier, number, percent } from './finding.js';
import {
  type ColumnPast,
  commonest,
  isConstant,
  isSurprising,
  ksLimit,
  LEAST_PAST,
  missingShare,
  presentRows,
  seenRange,
  shareAt,
  usualShare,
  usualTop,
} from './past.js';
import { explainedBy } from './row-evidence.js';

/** A rise of the missing share by less is not worth a word. */
const MISSING_RISE = 0.05;
/** From this share on a column that was mostly filled counts as lost, … */
const MOSTLY_MISSING = 0.9;
/** … if at most so much of it was missing before. */
const MOSTLY_FILLED = 0.5;
/** One value that takes so much more of the rows than it ever had … */
const SPIKE_SHARE = 0.12;
/** … or so much, where it lies outside all that was seen. */
const OUTSIDE_SHARE = 0.01;
const NEGATIVE_SHARE = 0.002;
const FAR_SHARE = 0.002;
/** Ranges beyond the reference's own that are worth a word, and those that no world reaches. */
const FAR_RANGES = 3;
const ABSURD_RANGES = 100;
/** Where more of the values are far, it is the column that has moved. */
const MOST_FAR = 0.5;
/** The gap before far values begins so many ranges beyond what was seen; so many of them may lie in it. */
const GAP_RANGES = 0.5;
const IN_THE_GAP = 0.2;
/** A code for "missing" stands apart: by so many ranges beyond what was seen. */
const APART_RANGES = 0.5;
/** Fewer rows are an accident, whatever chance says. */
const LEAST_COUNT = 5;
/** An earlier window that had so much of one value was as good as constant. */
const USUALLY_CONSTANT = 0.75;
/** Up to so many values a whole-number column is a list of codes: a code that becomes usual is a changed world. */
const CODES = 20;
/** Distance that the rest of a column may have when one value is taken out. */
const REST_KS = 0.1;
/** A value that had so much of the rows before may have all of them. */
const KNOWN_SHARE = 0.05;
/** A column whose smallest value is at most this part of its middle one is a size: it ends at zero. */
const ENDS_AT_ZERO = 0.15;
const MIRROR_KS = 0.3;
const WHOLE = 0.95;

/** What one column's own values say: each rule is judged against all earlier windows of the same length. */
export function pointRules(column: ColumnPast): readonly Fault[] {
  for (const rule of [missingRise, becameConstant, spike, outside, negatives]) {
    const fault = rule(column);
    if (fault !== undefined) return [fault];
  }
  return [];
}

/** Columns that are explained by others say so only of rows, which are read in the second look. */
function isExplained(column: ColumnPast, has: (value: number | string | null) => boolean): boolean {
  const { rows, now, suspects } = column;
  return rows !== undefined && explainedBy(rows, now.name, has, suspects ?? new Set()) !== undefined;
}

/**
 * Missing values that rose beyond chance, beyond earlier windows, and beyond what other columns explain: a part of the
 * rows may be a question that is no longer asked; a column that is all but empty is lost.
 */
function missingRise(column: ColumnPast): Fault | undefined {
  const { before, now, past, pastMissing = 0 } = column;
  const is = missingShare(now);
  const was = Math.max(missingShare(before), pastMissing, ...past.map(missingShare));
  const count = now.missing + now.notFinite;
  const isRise = is - was > MISSING_RISE || (is === 1 && was < 1);
  if (!isRise || !isSurprising(count, now.rows, usualShare(was * before.rows, before.rows))) return undefined;
  if (isExplained(column, (value) => value === null)) return undefined;
  const fault: Fault = {
    code: is === 1 ? 'all-missing' : 'missing-rose',
    severity: 'error',
    detail: is === 1 ? 'every value is missing' : `${percent(is)} of the values are missing, it was ${percent(was)}`,
    rows: count,
    sql: `${identifier(now.name)} IS NULL`,
    likelyCause: 'a join, a sensor or a form field that stopped',
    evidence: { before: was, after: is },
  };
  const isLost = is >= MOSTLY_MISSING && was <= MOSTLY_FILLED;
  return isLost || is === 1 ? fault : unclear(fault, 'the value is no longer asked for, or not of everybody');
}

/** A column that windows are made of one value of, as a month or a season: it may be of another one. */
const isFrozen = (column: ColumnPast): boolean => isConstant(column.before) || usualTop(column) > USUALLY_CONSTANT;

/** Frozen at one value, where no earlier window had nearly so much of it; a constant that comes alive is a changed world. */
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
  // a text that the column never had is another spelling or another world
  if (typeof value === 'string' && was === 0) return undefined;
  if (!isSurprising(rows, rows, usualShare(was * presentRows(before), presentRows(before)))) return undefined;
  if (isExplained(column, (one) => one === value)) return undefined;
  const text = typeof value === 'number' ? number(value) : value;
  const fault: Fault = {
    code: 'constant',
    severity: 'error',
    detail: `every value is ${text}; the reference has ${before.distinct} different ones`,
    rows,
    sql: `${identifier(now.name)} IS NOT NULL`,
    likelyCause: 'a sensor or a join that stopped: a default in every row',
    evidence: { value, before: was, after: 1 },
  };
  const isCode = typeof value === 'string' || (before.type !== 'number' && before.distinct <= CODES);
  // the next month or season has a code of its own
  if (isCode && was === 0) return undefined;
  return was < KNOWN_SHARE && !isCode ? fault : unclear(fault, `only rows with ${text} have come`);
}

/** One value takes far more than its share while the rest stays: a default or a code for "missing" (−1, 0, 9999). */
function spike(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined || isFrozen(column)) return undefined;
  const value = commonest(now.numeric.quantiles);
  const share = shareAt(now, value);
  const was = Math.max(shareAt(before, value), ...past.map((one) => shareAt(one, value)));
  const count = Math.round(share * presentRows(now));
  const { min, max } = seenRange(column);
  const isOutside = value < min || value > max;
  const isCode = before.type !== 'number' && before.distinct <= CODES && (was > 0 || !isPlaceholder(value));
  const least = isOutside && isPlaceholder(value) ? OUTSIDE_SHARE : SPIKE_SHARE;
  // hours of one day repeat their values: any other value must repeat more than any value ever did
  const usual = isPlaceholder(value) ? was : Math.max(was, usualTop(column));
  const isMore = share - usual > least && share > 2 * was;
  if (isCode || !isMore || count < LEAST_COUNT) return undefined;
  if (!isSurprising(count, presentRows(now), usualShare(was * presentRows(before), presentRows(before))))
    return undefined;
  if (!standsApart(column, value) && !restMatches(column, value)) return undefined;
  if (isExplained(column, (one) => one === value)) return undefined;
  const fault: Fault = {
    code: 'sentinel',
    severity: 'error',
    detail: `${percent(share)} of the values are ${number(value)}, it was ${percent(was)}`,
    rows: count,
    sql: `${identifier(now.name)} = ${value}`,
    likelyCause: 'a default or a code for "missing"',
    repair: `read ${number(value)} as missing`,
    evidence: { value, before: was, after: share },
  };
  return standsApart(column, value) ? fault : unclear(fault, worldOfSpike(value));
}

const worldOfSpike = (value: number): string =>
  value === 0
    ? 'it is nothing in so many rows: free, closed, off'
    : `${number(value)} is a value that many rows have now`;

/** 0, −1 and rows of nines: what programs write for "nothing". */
const isPlaceholder = (value: number): boolean =>
  value === 0 || value === -1 || /^-?9{2,}(\.0+|\.9+)?$/.test(String(value));

/** A placeholder that no real value is near: negative where none was, or far beyond. Zero may be true. */
function standsApart(column: ColumnPast, value: number): boolean {
  if (value === 0 || !isPlaceholder(value)) return false;
  const { min, max } = seenRange(column);
  if (value < 0 && min >= 0) return true;
  const apart = APART_RANGES * (max - min);
  return value < min - apart || value > max + apart;
}

function restMatches({ before, now, past }: ColumnPast, value: number): boolean {
  const rest = (column: ColumnPast['now']): readonly number[] =>
    (column.numeric?.quantiles ?? []).filter((one) => one !== value);
  const [was, is] = [rest(before), rest(now)];
  const rows = presentRows(now) * (1 - shareAt(now, value));
  if (rows < LEAST_COUNT || was.length === 0) return true;
  const usual = past.length < LEAST_PAST ? 0 : Math.max(...past.map((one) => quantileDistance(was, rest(one))));
  return quantileDistance(was, is) <= Math.max(REST_KS, usual, ksLimit(rows, presentRows(before)));
}

/**
 * Values much farther out than all that was ever seen, with a gap before them: a tail that has grown has none. They may be
 * a new kind of rows; absurd ones are a fault.
 */
function outside(column: ColumnPast): Fault | undefined {
  const { before, now } = column;
  if (before.numeric === undefined || now.numeric === undefined || isFrozen(column)) return undefined;
  // the next month has a number of its own; a default in every row is told as a constant
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
    sql: `${identifier(now.name)} < ${min - FAR_RANGES * range} OR ${identifier(now.name)} > ${max + FAR_RANGES * range}`,
    likelyCause: 'another unit, or a code for "missing"',
    evidence: { share, lowest: now.numeric.min, highest: now.numeric.max },
  };
  const absurd = Math.round(shareBeyond(ABSURD_RANGES) * presentRows(now));
  // a whole column that is elsewhere has another unit, or has grown
  return absurd >= LEAST_COUNT && share < MOST_FAR
    ? fault
    : unclear(fault, 'rows of another size have come: new customers, goods or events');
}

/** Negative values in a column that has none: a fault when they mirror the column, when all are one value, or when all are negative. */
function negatives(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined || isFrozen(column)) return undefined;
  const rows = presentRows(now);
  const { negatives: count } = now.numeric;
  const share = count / Math.max(1, rows);
  const isNew = before.numeric.negatives === 0 && past.every((one) => (one.numeric?.negatives ?? 0) === 0);
  if (!isNew || before.numeric.max <= 0 || share < NEGATIVE_SHARE || count < LEAST_COUNT) return undefined;
  if (!isSurprising(count, rows, usualShare(0, presentRows(before)))) return undefined;
  const values = now.numeric.quantiles.filter((one) => one < 0);
  if (values.length === 0) return undefined;
  const isOneValue = values[0] === values.at(-1);
  const fault: Fault = {
    code: 'negative',
    severity: 'error',
    detail: `${percent(share)} of the values are negative; the reference has none`,
    rows: count,
    sql: `${identifier(now.name)} < 0`,
    likelyCause: isOneValue ? 'a code for "missing"' : 'a flipped sign',
    repair: isOneValue ? `read ${number(values[0] ?? 0)} as missing` : 'change the sign of the negative values',
    evidence: { before: 0, after: share, lowest: now.numeric.min },
  };
  if (isOneValue) return fault;
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
  if (distance <= ksLimit(now.numeric?.negatives ?? 0, presentRows(before))) return 'fault';
  const middle = positive[Math.floor(positive.length / 2)] ?? 0;
  const endsAtZero = (positive[0] ?? 0) <= ENDS_AT_ZERO * middle;
  // a size has no other side of zero: all of it there is a sign, whatever else has changed
  if (endsAtZero && (share >= WHOLE || distance <= MIRROR_KS)) return 'fault';
  return distance <= MIRROR_KS ? 'unclear' : 'neither';
}
