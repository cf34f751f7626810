import type { ColumnProfile } from '../../domain/data/profile.js';
import { countText } from '../../domain/support/count-text.js';
import { quantileDistance } from '../../statistics/distribution.js';
import { type Fault, unclear } from './fault.js';
import { number, percent } from './finding.js';
import {
  CODES,
  type ColumnPast,
  commonest,
  isSurprising,
  presentRows,
  seenRange,
  shareAt,
  usualShare,
} from './past.js';
import { dimensionOf } from './repairs/unit-names.js';

/** A value that is alone outside the range must have so many of the rows, … */
const LONE_SHARE = 0.02;
/** … of all rows outside this share, … */
const LONE = 0.95;
/** … and lie this many ranges away. */
const LONE_RANGES = 0.1;
/** Fewer rows, or fewer different values before, show no collapse to two. */
const LEAST_ROWS = 100;
const LEAST_BEFORE = 100;
/** Share of the rows that the two values may have had before. */
const MOST_BEFORE = 0.5;
/** Columns with fewer different values can be equal by chance. */
const LEAST_DISTINCT = 20;

/** One value beyond all that was ever seen, and nothing else there: the age of those who were born on the first day of a calendar. */
export function testLoneValue(column: ColumnPast): Fault | undefined {
  const { before, now } = column;
  // One price for all that a seller adds may be higher than any before.
  if (now.numeric === undefined || before.distinct <= CODES || dimensionOf(now.name) === 'money') return undefined;
  const { min, max } = seenRange(column);
  const apart = LONE_RANGES * (max - min);
  const outside = now.numeric.quantiles.filter((one) => one < min || one > max);
  const value = commonest(outside);
  const share = shareAt(now, value);
  const rows = presentRows(now);
  const count = Math.round(share * rows);
  const isFar = value < min - apart || value > max + apart;
  if (outside.length === 0 || share < LONE_SHARE || !isFar) return undefined;
  const isLone = share * now.numeric.quantiles.length >= LONE * outside.length;
  if (!isLone || !isSurprising(count, rows, usualShare(0, presentRows(before)))) return undefined;
  return unclear(
    {
      code: 'sentinel',
      severity: 'error',
      detail: `${percent(share)} of the values are ${number(value)}, alone outside ${number(min)} … ${number(max)}`,
      likelyCause: 'a default or a code for "missing"',
      repair: `read ${number(value)} as missing`,
      rows: count,
      selects: { kind: 'one-of', column: now.name, values: [value] },
      evidence: { value, before: 0, after: share },
    },
    `${number(value)} is a value that many rows have now`,
  );
}

/** Hundreds of different numbers that have become two: a score that is a label now. */
export function testTwoLeft({ before, now, past }: ColumnPast): Fault | undefined {
  const { numeric } = now;
  if (before.numeric === undefined || numeric === undefined || presentRows(now) < LEAST_ROWS) return undefined;
  const isOneOfTwo = (value: number): boolean => value === numeric.min || value === numeric.max;
  if (numeric.min === numeric.max || !numeric.quantiles.every(isOneOfTwo)) return undefined;
  const had = (one: ColumnProfile): number => shareAt(one, numeric.min) + shareAt(one, numeric.max);
  if (before.distinct < LEAST_BEFORE || had(before) > MOST_BEFORE || past.some((one) => one.distinct <= CODES))
    return undefined;
  const values = [numeric.min, numeric.max];
  return unclear(
    {
      code: 'few-values',
      severity: 'error',
      detail: `all values are ${values.map(number).join(' or ')}; the reference has ${countText(before.distinct, before.isDistinctEstimate)} different ones`,
      likelyCause: 'another column, or a yes and no, in place of the values',
      repair: 'deliver the values themselves',
      rows: presentRows(now),
      selects: { kind: 'present', column: now.name },
      evidence: { distinct: 2, before: had(before), after: 1 },
    },
    'only two values are left: two rates, on and off',
  );
}

/**
 * Columns whose values are those of another column in every row, and were not before. The one that has moved more is the copy. Kept ranks
 * of two columns with many values are all equal only if the columns are.
 */
export function copiedColumns(columns: readonly ColumnPast[]): ReadonlyMap<ColumnProfile, Fault> {
  const many = columns.filter(({ now }) => presentRows(now) >= LEAST_ROWS && now.distinct >= LEAST_DISTINCT);
  const wasEqual = (one: ColumnPast, other: ColumnPast): boolean =>
    areEqual(one.before, other.before) || one.past.some((past) => other.past.some((same) => areEqual(past, same)));
  return new Map(
    many.flatMap((one, i) =>
      many.slice(i + 1).flatMap((other) => {
        if (!areEqual(one.now, other.now) || wasEqual(one, other)) return [];
        const [copy, source] = moved(one) > moved(other) ? [one, other] : [other, one];
        return [[copy.now, copyFault(copy.now, source.now.name)] as const];
      }),
    ),
  );
}

const moved = ({ before, now }: ColumnPast): number =>
  quantileDistance(before.numeric?.quantiles ?? [], now.numeric?.quantiles ?? []);

function areEqual(one: ColumnProfile, other: ColumnProfile): boolean {
  const [a, b] = [one.numeric?.quantiles, other.numeric?.quantiles];
  if (a === undefined || b === undefined || a.length !== b.length || presentRows(one) !== presentRows(other))
    return false;
  return a.every((value, i) => value === b[i]);
}

const copyFault = (now: ColumnProfile, source: string): Fault =>
  unclear(
    {
      code: 'copied',
      severity: 'error',
      detail: `it has the same values as "${source}", which it had not before`,
      likelyCause: `"${source}" was written into it`,
      repair: 'deliver its own values',
      rows: presentRows(now),
      selects: { kind: 'present', column: now.name },
      evidence: { with: source },
    },
    `nothing is added to "${source}" or taken off any more`,
  );
