import { areTimes } from '../../../domain/data/number-times.js';
import type { ColumnProfile, TableProfile } from '../../../domain/data/profile.js';
import { total } from '../../../statistics/distribution.js';
import { alignColumns, missingRows } from '../cells.js';
import { methodFor } from '../distance-methods.js';

interface Pair {
  readonly reference: ColumnProfile;
  readonly current: ColumnProfile;
}

/**
 * Rows are grouped by a column if its cells spread over the spans by at most this share of the largest possible spread.
 */
const GROUPED = 0.15;
/**
 * A column with at least this many values, equally frequent, counts something such as days of a month. It is ordered by
 * time.
 */
const CALENDAR_VALUES = 7;
const CALENDAR_SPREAD = 0.15;
/**
 * Values with fewer rows are no calendar, unless they are whole numbers that fill this share of their range, such as the working
 * days of a year: in a short file, every value of a measured column occurs once.
 */
const CALENDAR_ROWS = 2;
const CALENDAR_DENSITY = 1 / 3;

/**
 * The pairs without the reference's histories, if the reference's rows are not ordered by time. That is so if its file
 * is sorted or grouped by a column that has the same distribution in the window. Spans of a sorted file differ because
 * of the sorting and do not show how the column varies.
 */
export function withTimelyHistory(
  reference: TableProfile,
  current: TableProfile,
  pairs: readonly Pair[],
): readonly Pair[] {
  if (reference.time !== undefined) return pairs;
  // The file may also be sorted by a column that is not judged.
  const isSorted = reference.columns.some((column) => {
    const other = current.columns.find((one) => one.name === column.name);
    return other !== undefined && isSortKey({ reference: column, current: other });
  });
  if (!isSorted) return pairs;
  return pairs.map(({ reference: { history: _, ...column }, current }) => ({ reference: column, current }));
}

const isSortKey = ({ reference, current }: Pair): boolean =>
  reference.history !== undefined &&
  isGrouped(reference.history) &&
  !isCounter(reference) &&
  !isCalendar(reference) &&
  isAlike(reference, current);

/** A counter repeats at most this share of its values, … */
const COUNTER_REPEATS = 0.05;
/** … and has at most this many numbers from its smallest to its largest for each row: others grow for reasons of their own. */
const COUNTER_STEP = 2;

/**
 * Whether the column counts the rows: whole numbers, each once and few of them left out, that grow with the rows of the
 * reference and go on in the window. That the window has other values says nothing then.
 */
export function countsUp(reference: ColumnProfile, current: ColumnProfile): boolean {
  const [was, is] = [reference.numeric, current.numeric];
  if (was === undefined || is === undefined || reference.history === undefined) return false;
  const isNext = is.min > was.max && is.min - was.max <= was.max - was.min;
  return isNext && isNumbering(reference) && isNumbering(current) && isInOrder(reference.history);
}

/**
 * Whether the column tells the time of its rows as a number: seconds since 1970, or 20260331. It grows with the rows of the
 * reference, and is later in the window.
 */
export function tellsTime(reference: ColumnProfile, current: ColumnProfile): boolean {
  const [was, is] = [reference.numeric, current.numeric];
  if (was === undefined || is === undefined || reference.history === undefined || is.min < was.max) return false;
  const values = [was.min, was.max, is.min, is.max, ...was.quantiles, ...is.quantiles];
  return areTimes(values) && isInOrder(reference.history);
}

/** Whether the column holds about as many whole numbers as there are from its smallest to its largest. */
function isNumbering({ type, distinct, isDistinctEstimate, rows, numeric, ...column }: ColumnProfile): boolean {
  if (type !== 'integer' || numeric === undefined) return false;
  const present = rows - missingRows({ type, distinct, rows, ...column });
  const least = (1 - COUNTER_REPEATS) * present;
  const numbers = numeric.max - numeric.min + 1;
  // An estimate of the distinct values may be far too low.
  return numbers >= least && numbers <= COUNTER_STEP * present && (isDistinctEstimate === true || distinct >= least);
}

/** Whether each span begins in the cell in which the one before it has ended, or in a later one. */
function isInOrder(history: readonly (readonly number[])[]): boolean {
  const spans = history.filter((counts) => total(counts) > 0);
  const ends = spans.map((counts) => ({
    first: counts.findIndex((count) => count > 0),
    last: counts.findLastIndex((count) => count > 0),
  }));
  return spans.length > 1 && ends.every(({ first }, i) => first >= (ends[i - 1]?.last ?? 0));
}

/** Whether the rows of each cell lie next to each other, as in a file that is sorted by the column. */
function isGrouped(history: readonly (readonly number[])[]): boolean {
  const cells = (history[0] ?? []).flatMap((_, cell) => {
    const spans = history.flatMap((counts, span) => ((counts[cell] ?? 0) > 0 ? [span] : []));
    return spans.length === 0 ? [] : [(spans.at(-1) ?? 0) - (spans[0] ?? 0) + 1];
  });
  if (cells.length < 2) return false;
  const [least, most] = [history.length, cells.length * history.length];
  return total(cells) - least <= GROUPED * (most - least);
}

/** Whether the column holds whole numbers without gaps, each once: a row number that restarts in every file. */
function isCounter({ type, distinct, rows, numeric, ...column }: ColumnProfile): boolean {
  if (type !== 'integer' || numeric === undefined) return false;
  const present = rows - missingRows({ type, distinct, rows, ...column });
  return numeric.max - numeric.min + 1 === present && distinct >= 0.95 * present;
}

/** Whether a number column has several values, each with about the same number of rows. */
function isCalendar({ type, numeric, distinct }: ColumnProfile): boolean {
  const counts = numeric?.counts?.slice(1, -1) ?? [];
  if (numeric === undefined || counts.length < CALENDAR_VALUES || counts.length !== distinct) return false;
  const mean = total(counts) / counts.length;
  const isDense = type === 'integer' && distinct >= CALENDAR_DENSITY * (numeric.max - numeric.min + 1);
  if (mean < CALENDAR_ROWS && !isDense) return false;
  return counts.slice(1, -1).every((count) => Math.abs(count - mean) <= CALENDAR_SPREAD * mean);
}

/** Whether the two differ no more than independent rows of one law would. */
function isAlike(reference: ColumnProfile, current: ColumnProfile): boolean {
  const cells = alignColumns(reference, current);
  if (cells === undefined) return false;
  const measured = methodFor('auto', cells.kind).measure(cells, 0.001);
  return measured !== undefined && measured.score <= Math.max(measured.least, measured.limit);
}
