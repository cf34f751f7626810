import { quantileDistance } from '../../statistics/distribution.js';
import { identifier, number, percent } from './finding.js';
import { isPartOnly } from './mixture.js';
import { type ColumnPast, isSurprising, pastDistance, presentRows, usualShare } from './past.js';
import type { Fault } from './point-rules.js';
import { broken, REPAIRS, type Repair } from './repairs.js';

/** Up to so many different values a column has a grid, all of which a profile keeps. */
const GRID = 600;
const LEAST_SHARE = 0.02;
const LEAST_COUNT = 10;
/** Fewer different values would fit by chance. */
const LEAST_DISTINCT = 4;
const FIT = 0.9;
const KS = 0.3;
/** Values that a large factor has drawn together in the middle are this far from any column. */
const MOST_KS = 0.45;

/** Nine digits: a value that was multiplied and divided again is the same. */
const rounded = (value: number): number => Number(value.toPrecision(9));

/**
 * Rows whose values the column never had, and would have had if repaired: values off its grid that come to lie on it
 * again, or values out of its range that come to lie within, spread as the others are. Tells a fault of some rows only,
 * also where the season moves the column more than the fault does.
 */
export function testAliens(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined || before.distinct <= 2) return undefined;
  const all = [before, ...past].flatMap((one) => one.numeric?.quantiles ?? []);
  const [min, max] = [rounded(Math.min(...all)), rounded(Math.max(...all))];
  const hasGrid = before.distinct <= GRID;
  const known = new Set(hasGrid ? [...new Set(all)].map(rounded) : []);
  const isOutside = (value: number): boolean => value < min || value > max;
  const strangers = new Set(
    [...new Set(now.numeric.quantiles)].filter((value) => isOutside(value) || (hasGrid && !known.has(rounded(value)))),
  );
  const aliens = now.numeric.quantiles.filter((value) => strangers.has(value));
  const share = aliens.length / now.numeric.quantiles.length;
  const count = Math.round(share * presentRows(now));
  if (share < LEAST_SHARE || count < LEAST_COUNT || strangers.size < LEAST_DISTINCT) return undefined;
  if (!isSurprising(count, presentRows(now), usualShare(0, presentRows(before)))) return undefined;
  const limit = Math.max(KS, pastDistance(column), 1.95 * Math.sqrt(1 / count + 1 / presentRows(before)));
  const fits = (repair: Repair): boolean => {
    const values = aliens.map(repair.apply).filter(Number.isFinite).map(rounded);
    const isFar = !repair.isMimicked && repair.factor !== undefined;
    const onGrid = values.filter((value) => hasGrid && known.has(value)).length;
    const inside =
      isFar && !hasGrid && aliens.every(isOutside) ? values.filter((value) => !isOutside(value)).length : 0;
    if (Math.max(onGrid, inside) < FIT * aliens.length) return false;
    const distance = quantileDistance(
      all.toSorted((a, b) => a - b),
      values.sort((a, b) => a - b),
    );
    if (distance > limit) return false;
    // without a grid it takes more: any large factor brings a tail inside; and a grid is mostly its own mirror
    if (onGrid >= FIT * aliens.length && repair.code !== 'sign-flipped') return true;
    const made = broken(before.numeric?.quantiles ?? [], repair);
    return distance <= MOST_KS && made !== undefined && isPartOnly(column, made);
  };
  const repair = REPAIRS.find(fits);
  return repair === undefined ? tail(column) : toFault(column, repair, { share, count, hasGrid, min, max });
}

function toFault(
  { now }: ColumnPast,
  repair: Repair,
  seen: {
    readonly share: number;
    readonly count: number;
    readonly hasGrid: boolean;
    readonly min: number;
    readonly max: number;
  },
): Fault {
  const name = identifier(now.name);
  return {
    code: repair.code,
    severity: 'error',
    detail: `${percent(seen.share)} of the values are none that the column ever had, and are such when repaired: ${repair.name}`,
    likelyCause: repair.cause,
    repair: repair.name,
    rows: seen.count,
    ...(seen.share > 0.95
      ? { sql: `${name} IS NOT NULL` }
      : seen.hasGrid
        ? {}
        : { sql: `${name} < ${seen.min} OR ${name} > ${seen.max}` }),
    evidence: { share: seen.share, factor: repair.factor },
  };
}

const TAIL_SHARE = 0.002;
const TAIL_COUNT = 5;

/** A tail where the column never had one, that is the mirror of its other tail: the sign of some or all rows is flipped. */
function tail(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  if (before.numeric === undefined || now.numeric === undefined) return undefined;
  const numbers = [before, ...past].flatMap((one) => (one.numeric === undefined ? [] : [one.numeric]));
  const [min, max] = [Math.min(...numbers.map((one) => one.min)), Math.max(...numbers.map((one) => one.max))];
  if (!(min < 0 && max > 0)) return undefined;
  const isBelow = -min < max;
  const [limit, sign] = isBelow ? [min, 1] : [-max, -1];
  const beyond = now.numeric.quantiles.map((value) => value * sign).filter((value) => value < limit);
  const share = beyond.length / now.numeric.quantiles.length;
  const count = Math.round(share * presentRows(now));
  if (share < TAIL_SHARE || count < TAIL_COUNT) return undefined;
  if (!isSurprising(count, presentRows(now), usualShare(0, presentRows(before)))) return undefined;
  const mirrored = beyond.map((value) => -value).sort((a, b) => a - b);
  const other = before.numeric.quantiles
    .map((value) => value * sign)
    .filter((value) => value > -limit)
    .sort((a, b) => a - b);
  if (other.length === 0 || quantileDistance(other, mirrored) > Math.max(KS, 1.95 / Math.sqrt(count))) return undefined;
  if (!isPartOnly(column, before.numeric.quantiles.map((value) => -value).reverse())) return undefined;
  const id = identifier(now.name);
  return {
    code: 'sign-flipped',
    severity: 'error',
    detail: `${percent(share)} of the values lie beyond ${number(isBelow ? min : max)}, where none ever was, and mirror those on the other side`,
    likelyCause: 'a flipped sign',
    repair: 'change the sign',
    rows: count,
    sql: isBelow ? `${id} < ${min}` : `${id} > ${max}`,
    evidence: { share, factor: -1 },
  };
}
