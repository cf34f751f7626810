import type { Finding } from '../../domain/data/finding.js';
import { quantileDistance } from '../../statistics/distribution.js';
import { identifier, number, percent } from './finding.js';
import {
  type ColumnPast,
  commonest,
  isConstant,
  isSurprising,
  LEAST_PAST,
  missingShare,
  presentRows,
  shareAt,
  usualShare,
  usualTop,
} from './past.js';

/** A rise of the missing share by less than this is not worth a word. */
const MISSING_RISE = 0.05;
/** One value that takes so many points more than it ever had … */
const SPIKE_SHARE = 0.12;
/** … or so many, where the value lies outside all that was seen. */
const OUTSIDE_SHARE = 0.01;
const NEGATIVE_SHARE = 0.002;
const FAR_SHARE = 0.002;
/** Ranges beyond the reference's own that no world reaches. */
const FAR_RANGES = 3;
/** Fewer rows than this are an accident of a few, whatever chance says. */
const LEAST_COUNT = 5;
/** An earlier window that had so much of one value was as good as constant. */
const USUALLY_CONSTANT = 0.75;
/** Up to here a whole-number column is a list of codes: a code that becomes usual is a changed world. */
const CODES = 20;
/** Distance that the rest of a column may have when one value is taken out. */
const REST_KS = 0.1;

export type Fault = Omit<Finding, 'id' | 'dataset' | 'column'>;

/** What one column's own values say: each rule is judged against all earlier windows of the same length. */
export const pointRules = (column: ColumnPast): readonly Fault[] =>
  first([missingRise, becameConstant, spike, outside, negatives], column);

const first = (rules: readonly ((column: ColumnPast) => Fault | undefined)[], column: ColumnPast): readonly Fault[] => {
  for (const rule of rules) {
    const fault = rule(column);
    if (fault !== undefined) return [fault];
  }
  return [];
};

function missingRise({ before, now, past }: ColumnPast): Fault | undefined {
  const is = missingShare(now);
  const was = Math.max(missingShare(before), ...past.map(missingShare));
  const count = now.missing + now.notFinite;
  if (!(is - was > MISSING_RISE && isSurprising(count, now.rows, usualShare(was * before.rows, before.rows))))
    return undefined;
  return {
    code: 'missing-rose',
    severity: 'error',
    detail: `${percent(is)} of the values are missing, it was ${percent(was)}`,
    rows: count,
    sql: `${identifier(now.name)} IS NULL`,
    evidence: { before: was, after: is },
  };
}

/** A column that windows are made of one value of, as a month or a season: it may be of another one. */
const isFrozen = (column: ColumnPast): boolean => isConstant(column.before) || usualTop(column) > USUALLY_CONSTANT;

/** Frozen at one value, where no earlier window had nearly so much of it; a constant that comes alive is a changed world. */
function becameConstant(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  // a window of one day has one date
  if (before.type === 'timestamp' || !isConstant(now) || before.distinct <= 2 || isFrozen(column)) return undefined;
  const value = now.numeric?.min ?? now.categories?.top[0]?.value;
  const shareOf = (one: ColumnPast['now']): number =>
    typeof value === 'number'
      ? shareAt(one, value)
      : (one.categories?.top.find((kept) => kept.value === value)?.count ?? 0) / Math.max(1, presentRows(one));
  const was = Math.max(shareOf(before), ...past.map(shareOf));
  const rows = presentRows(now);
  if (was > 0.5 || !isSurprising(rows, rows, usualShare(was * presentRows(before), presentRows(before))))
    return undefined;
  const text = typeof value === 'number' ? number(value) : (value ?? 'the same');
  return {
    code: 'constant',
    severity: 'error',
    detail: `every value is ${text}; the reference has ${before.distinct} different ones`,
    rows,
    sql: `${identifier(now.name)} IS NOT NULL`,
    likelyCause: 'a sensor or a join that stopped: a default in every row',
    evidence: { value: value ?? null, before: was, after: 1 },
  };
}

/** One value takes far more than its share while the rest stays: a default or a code for "missing" (−1, 0, 9999). */
function spike(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined || isFrozen(column)) return undefined;
  const value = commonest(now.numeric.quantiles);
  const share = shareAt(now, value);
  const was = Math.max(shareAt(before, value), ...past.map((one) => shareAt(one, value)));
  const count = Math.round(share * presentRows(now));
  const isOutside = value < before.numeric.min || value > before.numeric.max;
  const isCode = before.type !== 'number' && before.distinct <= CODES && (was > 0 || !isPlaceholder(value));
  const least = isOutside && isPlaceholder(value) ? OUTSIDE_SHARE : SPIKE_SHARE;
  // hours of one day repeat their values: what is no placeholder must repeat more than any value ever did
  const usual = isPlaceholder(value) ? was : Math.max(was, usualTop(column));
  const isMore = share - usual > least && share > 2 * was;
  if (isCode || !isMore || count < LEAST_COUNT) return undefined;
  if (!isSurprising(count, presentRows(now), usualShare(was * presentRows(before), presentRows(before))))
    return undefined;
  if (!isOutside && !restMatches(column, value)) return undefined;
  return {
    code: 'sentinel',
    severity: 'error',
    detail: `${percent(share)} of the values are ${number(value)}, it was ${percent(was)}`,
    rows: count,
    sql: `${identifier(now.name)} = ${value}`,
    likelyCause: 'a default or a code for "missing"',
    repair: `read ${number(value)} as missing`,
    evidence: { value, before: was, after: share },
  };
}

/** 0, −1 and rows of nines: what programs write for "nothing". */
const isPlaceholder = (value: number): boolean =>
  value === 0 || value === -1 || /^-?9{2,}(\.0+|\.9+)?$/.test(String(value));

function restMatches({ before, now, past }: ColumnPast, value: number): boolean {
  const rest = (column: ColumnPast['now']): readonly number[] =>
    (column.numeric?.quantiles ?? []).filter((one) => one !== value);
  const [was, is] = [rest(before), rest(now)];
  const rows = presentRows(now) * (1 - shareAt(now, value));
  if (rows < LEAST_COUNT || was.length === 0) return true;
  const usual = past.length < LEAST_PAST ? 0 : Math.max(...past.map((one) => quantileDistance(was, rest(one))));
  return quantileDistance(was, is) <= Math.max(REST_KS, usual, 1.95 * Math.sqrt(1 / rows + 1 / presentRows(before)));
}

/** Values that no world reaches: further out than three times all that was ever seen. */
function outside(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined || isFrozen(column)) return undefined;
  const numbers = [before, ...past].flatMap((one) => (one.numeric === undefined ? [] : [one.numeric]));
  const [min, max] = [Math.min(...numbers.map((one) => one.min)), Math.max(...numbers.map((one) => one.max))];
  // one wild value of the reference must not make room for all
  const range = max - min;
  if (range === 0 || before.distinct <= 2) return undefined;
  const [low, high] = [min - FAR_RANGES * range, max + FAR_RANGES * range];
  const share = now.numeric.quantiles.filter((one) => one < low || one > high).length / now.numeric.quantiles.length;
  const count = Math.round(share * presentRows(now));
  if (share < FAR_SHARE || count < LEAST_COUNT) return undefined;
  return {
    code: 'far-outside',
    severity: 'error',
    detail: `${percent(share)} of the values lie farther from ${number(min)} … ${number(max)} than ${FAR_RANGES} times that range`,
    rows: count,
    sql: `${identifier(now.name)} < ${low} OR ${identifier(now.name)} > ${high}`,
    likelyCause: 'another unit, or a code for "missing"',
    evidence: { share, lowest: now.numeric.min, highest: now.numeric.max },
  };
}

/** Negative values in a column that has none: a bug when their mirror is the column as it was, or when all are one value. */
function negatives(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined || isFrozen(column)) return undefined;
  const rows = presentRows(now);
  const share = now.numeric.negatives / Math.max(1, rows);
  const isNew = before.numeric.negatives === 0 && past.every((one) => (one.numeric?.negatives ?? 0) === 0);
  if (!isNew || before.numeric.max <= 0 || share < NEGATIVE_SHARE || now.numeric.negatives < LEAST_COUNT)
    return undefined;
  if (!isSurprising(now.numeric.negatives, rows, usualShare(0, presentRows(before)))) return undefined;
  const values = now.numeric.quantiles.filter((one) => one < 0);
  const isOneValue = values.length > 0 && values[0] === values.at(-1);
  const mirror = values.map((one) => -one).reverse();
  const positive = before.numeric.quantiles.filter((one) => one > 0);
  const limit = Math.max(0.2, 1.95 * Math.sqrt(1 / now.numeric.negatives + 1 / presentRows(before)));
  if (!isOneValue && !(mirror.length > 0 && quantileDistance(positive, mirror) <= limit)) return undefined;
  return {
    code: 'negative',
    severity: 'error',
    detail: `${percent(share)} of the values are negative; the reference has none`,
    rows: now.numeric.negatives,
    sql: `${identifier(now.name)} < 0`,
    likelyCause: isOneValue ? 'a code for "missing"' : 'a flipped sign',
    repair: isOneValue ? `read ${number(values[0] ?? 0)} as missing` : 'change the sign of the negative values',
    evidence: { before: 0, after: share, lowest: now.numeric.min },
  };
}
