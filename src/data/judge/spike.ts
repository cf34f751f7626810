import { quantileDistance } from '../../statistics/distribution.js';
import { isExplained } from './explained.js';
import { type Fault, unclear } from './fault.js';
import { number, percent } from './finding.js';
import {
  CODES,
  type ColumnPast,
  commonest,
  isConstant,
  isFrozen,
  isSurprising,
  ksLimit,
  LEAST_COUNT,
  LEAST_PAST,
  presentRows,
  seenRange,
  shareAt,
  usualShare,
  usualTop,
} from './past.js';
import { decimalStep, isOnGrid } from './repairs/decimal-grid.js';
import { type Dimension, dimensionOf, isStorey, mayBeNegative } from './repairs/unit-names.js';

/** The share of one value must exceed its usual share by more than this, … */
const SPIKE_SHARE = 0.12;
/** … or by more than this for a placeholder outside the range that was seen. */
const OUTSIDE_SHARE = 0.01;
/** A code for "missing" stands apart if it lies this many ranges beyond what was seen. */
const APART_RANGES = 0.5;
/** Of the values on that side of what was seen, at least this share are such codes. Otherwise the column has grown. */
const LONE = 0.8;
/** Of the other values, at least this share must be the one that most rows have always had. */
const STILL_USUAL = 0.5;
/** Orders of 99 pieces and prices of 99.99 are real. Rows of nines from this number on hardly are. */
const LEAST_CODE = 999;
/** In counts and marks below this number a 9 in so many of the rows may stand for "missing". */
const BELOW_NINE = 7;
const NINE_SHARE = 0.03;
/** Rows of nines from this amount on are no prices. */
const MOST_PRICE = 9999;
/** Among so many other negative values, −1 is one of them … */
const AMONG = 0.1;
/** … if this many of them are no codes, and it is at most so many times as frequent as the next one. */
const LEAST_NEGATIVES = 3;
const MOST_FREQUENT = 3;
/** Besides rows of nines, these are written for "nothing", too. */
const NEGATIVE_CODES: ReadonlySet<number> = new Set([-1, -2, -9]);
/** Largest distance of the column's other values after the spike is removed. */
const REST_KS = 0.1;
/**
 * An instrument stands still if one value has at least this share of the rows, and had at most the second share before.
 */
const STUCK_SHARE = 0.4;
const STUCK_BEFORE = 0.02;
/** Values within this share of either end of a column may come from limits and caps. */
const EDGE = 0.02;
/** Multiples of this many of the column's smallest steps are round figures. */
const ROUND_STEPS = 5;
/** What instruments measure. */
const MEASURED: ReadonlySet<Dimension> = new Set([
  'length',
  'mass',
  'temperature',
  'speed',
  'pressure',
  'volume',
  'energy',
  'angle',
]);

/**
 * One value takes far more than its usual share: a default or a code for "missing" (−1, 0, 9999). It is the most frequent
 * one, while the others stay the same, or a code beside a more frequent one.
 */
export const spike = (column: ColumnPast): Fault | undefined => frequentValue(column) ?? codeBeside(column);

function frequentValue(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined) return undefined;
  const { min, max } = seenRange(column);
  const isNine = isLoneNine(now, max);
  // A column that nearly always has one value may have another one next month, but not beside it.
  if (isNine ? isConstant(before) : isFrozen(column)) return undefined;
  const value = isNine ? 9 : commonest(now.numeric.quantiles);
  const share = shareAt(now, value);
  const was = Math.max(shareAt(before, value), ...past.map((one) => shareAt(one, value)));
  const count = Math.round(share * presentRows(now));
  const isOutside = value < min || value > max;
  const isCode = before.type !== 'number' && before.distinct <= CODES && (was > 0 || !isPlaceholder(value)) && !isNine;
  const least = isOutside && isPlaceholder(value) ? OUTSIDE_SHARE : isNine ? NINE_SHARE : SPIKE_SHARE;
  // Hours of one day repeat their values, so a value that is no placeholder must repeat more than any value did before.
  const usual = isPlaceholder(value) || isNine ? was : Math.max(was, usualTop(column));
  const isMore = share - usual > least && share > 2 * was;
  if (isCode || !isMore || count < LEAST_COUNT) return undefined;
  if (!isSurprising(count, presentRows(now), usualShare(was * presentRows(before), presentRows(before))))
    return undefined;
  if (!standsApart(column, value) && !restMatches(column, value)) return undefined;
  if (isExplained(column, (one) => one === value)) return undefined;
  const fault = faultAt(column, value, { was, share });
  return standsApart(column, value) || isStuck(column, value, { was, share })
    ? fault
    : unclear(fault, worldOfSpike(value));
}

const faultAt = ({ now }: ColumnPast, value: number, { was, share }: Shares): Fault => ({
  code: 'sentinel',
  severity: 'error',
  detail: `${percent(share)} of the values are ${number(value)}, it was ${percent(was)}`,
  rows: Math.round(share * presentRows(now)),
  selects: { kind: 'one-of', column: now.name, values: [value] },
  likelyCause: 'a default or a code for "missing"',
  repair: `read ${number(value)} as missing`,
  evidence: { value, before: was, after: share },
});

/**
 * A code for "missing" that is not the most frequent value. Most rows of rain, fines and fees have none, and a code
 * shows there as well as anywhere.
 */
function codeBeside(column: ColumnPast): Fault | undefined {
  const { before, now } = column;
  const value = isConstant(before) || before.distinct <= 2 ? undefined : loneCode(column);
  if (value === undefined) return undefined;
  const share = shareAt(now, value);
  const count = Math.round(share * presentRows(now));
  if (share <= OUTSIDE_SHARE || count < LEAST_COUNT || isAmongNegatives(column, value)) return undefined;
  if (!isSurprising(count, presentRows(now), usualShare(0, presentRows(before)))) return undefined;
  const isLow = value > 0 && value < LEAST_CODE;
  if ((isFrozen(column) && !keepsUsual(column, share)) || (isLow && isPrice(column, value))) return undefined;
  const fault = faultAt(column, value, { was: 0, share });
  const isKind = value > 0 && before.type !== 'number' && before.distinct <= CODES;
  const isPiece = isLow && dimensionOf(now.name) === 'count';
  const isLevel = value === -1 && isFrozen(column) && mayBeNegative(now.name);
  return isKind || isPiece || isLevel || !standsApart(column, value) ? unclear(fault, worldOfSpike(value)) : fault;
}

/** The code for "missing" that nearly all values beyond those seen have, on one of the two sides. */
function loneCode(column: ColumnPast): number | undefined {
  const { min, max } = seenRange(column);
  const quantiles = column.now.numeric?.quantiles ?? [];
  const isCode = (one: number): boolean => one !== 0 && (isPlaceholder(one) || NEGATIVE_CODES.has(one));
  return [quantiles.filter((one) => one < min), quantiles.filter((one) => one > max)].flatMap((beyond) => {
    const value = commonest(beyond);
    const isLone = beyond.length > 0 && beyond.filter(isCode).length >= LONE * beyond.length;
    return isLone && value !== 0 && isPlaceholder(value) && isApart(column, value) ? [value] : [];
  })[0];
}

/** Whether the other rows still have the usual value. A new month or a new price is in all of them. */
const keepsUsual = ({ before, now }: ColumnPast, share: number): boolean =>
  shareAt(now, commonest(before.numeric?.quantiles ?? [])) >= STILL_USUAL * (1 - share);

/** Whether 9 is the only value above a small count, with a gap below it: counts that grow fill the gap. */
const isLoneNine = ({ type, numeric }: ColumnPast['now'], max: number): boolean =>
  type === 'integer' &&
  numeric?.max === 9 &&
  numeric.min >= 0 &&
  max < BELOW_NINE &&
  numeric.quantiles.every((one) => one <= max || one === 9);

const worldOfSpike = (value: number): string =>
  value === 0
    ? 'it is nothing in so many rows: free, closed, off'
    : `${number(value)} is a value that many rows have now`;

/** 0, −1 and rows of nines: what programs write for "nothing". */
const isPlaceholder = (value: number): boolean => value === 0 || value === -1 || /^-?9{2,}(\.9+)?$/.test(String(value));

/**
 * A placeholder far from all real values: negative where none was, or far outside the range. Zero may be a real value.
 */
function standsApart(column: ColumnPast, value: number): boolean {
  if (value === 0 || !isPlaceholder(value) || isPrice(column, value) || isAmongNegatives(column, value)) return false;
  // the first basement
  if (value === -1 && isStorey(column.now.name)) return false;
  return isApart(column, value);
}

/** Whether a value is negative where none was, or far beyond all that was seen. */
function isApart(column: ColumnPast, value: number): boolean {
  const { min, max } = seenRange(column);
  if (value < 0 && min >= 0) return true;
  const apart = APART_RANGES * (max - min);
  return value < min - apart || value > max + apart;
}

/** Sellers like prices of nines: 99, 999, 99.99. */
const isPrice = ({ now }: ColumnPast, value: number): boolean =>
  value > 0 && value < MOST_PRICE && dimensionOf(now.name) === 'money';

/**
 * Whether a negative value comes with other negative ones: the column has gone below zero. Several codes come together, too, so
 * a column whose name says nothing needs values that are none.
 */
function isAmongNegatives({ now }: ColumnPast, value: number): boolean {
  const below = (now.numeric?.quantiles ?? []).filter((one) => one < 0);
  const others = below.filter((one) => one !== value);
  if (value !== -1 || others.length < AMONG * below.length) return false;
  if (mayBeNegative(now.name)) return true;
  const isMode = shareAt(now, value) > MOST_FREQUENT * shareAt(now, commonest(others));
  const free = new Set(others.filter((one) => !NEGATIVE_CODES.has(one) && !isPlaceholder(one)));
  return !isMode && free.size >= LEAST_NEGATIVES;
}

interface Shares {
  readonly was: number;
  readonly share: number;
}

/**
 * A measured quantity in which about half of the rows have the same odd value, taken from the middle of the usual
 * range: the instrument stood still. Prices, counts and round figures may repeat in the real world.
 */
function isStuck({ before, now }: ColumnPast, value: number, shares: Shares): boolean {
  const dimension = dimensionOf(now.name);
  const quantiles = before.numeric?.quantiles ?? [];
  const isMeasured = dimension !== undefined && MEASURED.has(dimension);
  if (!isMeasured || shares.share < STUCK_SHARE || shares.was > STUCK_BEFORE) return false;
  const rank = quantiles.filter((one) => one < value).length / Math.max(1, quantiles.length);
  const step = decimalStep(quantiles);
  const isRound = step !== undefined && isOnGrid(value, ROUND_STEPS * step);
  return rank >= EDGE && rank <= 1 - EDGE && !isRound;
}

function restMatches({ before, now, past }: ColumnPast, value: number): boolean {
  const rest = (column: ColumnPast['now']): readonly number[] =>
    (column.numeric?.quantiles ?? []).filter((one) => one !== value);
  const [was, is] = [rest(before), rest(now)];
  const rows = presentRows(now) * (1 - shareAt(now, value));
  if (rows < LEAST_COUNT) return true;
  const usual = past.length < LEAST_PAST ? 0 : Math.max(...past.map((one) => quantileDistance(was, rest(one))));
  return quantileDistance(was, is) <= Math.max(REST_KS, usual, ksLimit(rows, presentRows(before)));
}
