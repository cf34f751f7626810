import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import type { Fault } from './fault.js';
import { percent } from './finding.js';
import { isSurprising, presentRows } from './past.js';

/** Repeated rows are reported if their share exceeds the expected one by more than this, … */
const DUPLICATE_RISE = 0.02;
/** … and if it is more than this multiple of the expected one. */
const DUPLICATE_TIMES = 2;
/** Only values with at least this share make two rows agree often enough to count. */
const ATOM = 0.01;
/** Chance that two rows agree in a column without such values. */
const NO_ATOMS = 0.0005;
/** Standard errors that are added to a count of repeated rows. */
const ERRORS = 2;
/** Upper limit for a table without any repeated row: 95 % of such tables have fewer. */
const NONE_SEEN = 3;
/**
 * A column tells rows apart if at most this share of its values repeat an earlier one: a time, a key. In long tables the number of
 * different values is an estimate with an error of 13 %.
 */
const TELLS_APART = 0.3;
/**
 * Times and numbers may lie closer together than before, as in the hours of a promotion, which a range does not show. So many of the
 * rows may repeat whatever their times say, and a fault is at least twice as many.
 */
const CLOSER = 0.15;

/**
 * Rows that were delivered twice. Two causes of repeated rows are expected: more rows (the birthday problem), and fewer
 * different values in a column, as when a minimum wage makes many rows equal. What exceeds both is a repeated delivery.
 * A row can repeat another one only if it repeats it in a time or a key, too.
 */
export function duplicates(
  reference: TableProfile,
  current: TableProfile,
  history: readonly TableProfile[],
): Fault | undefined {
  if (current.duplicateRows === undefined) return undefined;
  const known = [reference, ...history].filter((table) => table.duplicateRows !== undefined && table.rows > 0);
  if (known.length === 0) return undefined;
  const agreement = agreementRatio(reference, current);
  const most = Math.min(1, ...reference.columns.map((column) => mostRepeats(column, reference, current)));
  const expected = Math.max(...known.map((table) => expectedShare(table, current.rows, { agreement, most })));
  const is = current.duplicateRows / current.rows;
  const isMore = is > expected + DUPLICATE_RISE && is > DUPLICATE_TIMES * expected;
  if (!isMore || !isSurprising(current.duplicateRows, current.rows, expected)) return undefined;
  return {
    code: 'duplicates',
    severity: 'error',
    detail: `${percent(is)} of the rows repeat an earlier one; at most ${percent(expected)} are expected of so many rows`,
    rows: current.duplicateRows,
    likelyCause: 'a delivery that came twice',
    repair: 'drop repeated rows',
    evidence: { before: expected, after: is },
  };
}

/**
 * Expected share of repeated rows among `rows`, 0…1. The known table gives the number of equally likely different rows; that is
 * divided by how much more often two rows agree now. `most`: what columns that tell rows apart allow.
 */
function expectedShare(
  known: TableProfile,
  rows: number,
  { agreement, most }: { readonly agreement: number; readonly most: number },
): number {
  const seen = known.duplicateRows ?? 0;
  const kinds = kindsSeen(known.rows, seen) / agreement;
  return Math.max(Math.min(repeatedShare(rows, kinds), most), agreement >= 1 ? seen / known.rows : 0);
}

/** The number of equally likely kinds that gives so many repeated rows, or a few more than were seen. */
export const kindsSeen = (rows: number, seen: number): number =>
  kindsOf(rows, Math.min(seen === 0 ? NONE_SEEN : seen + ERRORS * Math.sqrt(seen), rows - 1));

/**
 * Expected share of the current values of a column that tells rows apart, 0…1, that repeat an earlier one: as in the known table,
 * with as many possible values as its narrower range and values that have become frequent leave. 1 for other columns.
 */
function mostRepeats(column: ColumnProfile, known: TableProfile, current: TableProfile): number {
  const seen = known.rows - Math.min(column.distinct, known.rows);
  const now = current.columns.find((one) => one.name === column.name);
  if (now === undefined || seen > TELLS_APART * known.rows || !tellsApart(now, current)) return 1;
  const narrower = Math.min(1, rangeRatio(column, now, { known, current }));
  const frequent = Math.max(1, agreementOf(now) / agreementOf(column));
  const expected = repeatedShare(current.rows, (kindsSeen(known.rows, seen) * narrower) / frequent);
  return column.type === 'text' ? expected : Math.max(CLOSER, expected);
}

/** Whether values repeat in repeated rows only. Of the times of a window, the different ones are not counted. */
const tellsApart = (now: ColumnProfile, { rows, duplicateRows = 0 }: TableProfile): boolean =>
  now.type === 'timestamp' || now.rows - now.distinct <= duplicateRows + TELLS_APART * rows;

/** The range of a column now, as a multiple of the known one. 0 if it is unknown; 1 for values without an order. */
function rangeRatio(
  { name, type, numeric }: ColumnProfile,
  now: ColumnProfile,
  { known, current }: { readonly known: TableProfile; readonly current: TableProfile },
): number {
  if (type === 'text') return 1;
  if (known.time?.column === name && current.time?.column === name)
    return lengthOf(current.time) / Math.max(1, lengthOf(known.time));
  if (numeric === undefined || now.numeric === undefined || numeric.max === numeric.min) return 0;
  return (now.numeric.max - now.numeric.min) / (numeric.max - numeric.min);
}

const lengthOf = ({ from, to }: NonNullable<TableProfile['time']>): number => to - from;

/**
 * Expected share of rows that repeat an earlier one, if `rows` are drawn from `kinds` equally likely different rows.
 */
export const repeatedShare = (rows: number, kinds: number): number =>
  kinds < 1 ? 1 : Math.max(0, 1 - (kinds / rows) * -Math.expm1(-rows / kinds));

/** The number of equally likely different rows that gives this many repeated rows, by bisection. */
export function kindsOf(rows: number, repeated: number): number {
  let [low, high] = [1, rows * rows];
  for (let i = 0; i < 100; i++) {
    const middle = Math.sqrt(low * high);
    if (repeatedShare(rows, middle) * rows > repeated) low = middle;
    else high = middle;
  }
  return high;
}

/** How many times more often two rows agree now, over all columns. Only values with a share of their own count. */
function agreementRatio(reference: TableProfile, current: TableProfile): number {
  return reference.columns.reduce((ratio, before) => {
    const now = current.columns.find((one) => one.name === before.name);
    return now === undefined ? ratio : (ratio * agreementOf(now)) / agreementOf(before);
  }, 1);
}

function agreementOf(column: ColumnProfile): number {
  const rows = Math.max(1, column.rows);
  const shares = [(column.missing + column.notFinite) / rows, ...atomsOf(column)].filter((share) => share >= ATOM);
  return Math.max(
    NO_ATOMS,
    shares.reduce((sum, share) => sum + share * share, 0),
  );
}

function atomsOf(column: ColumnProfile): readonly number[] {
  const rows = Math.max(1, column.rows);
  if (column.categories !== undefined) return column.categories.top.map((one) => one.count / rows);
  const quantiles = column.numeric?.quantiles ?? [];
  const counts = new Map<number, number>();
  for (const value of quantiles) counts.set(value, (counts.get(value) ?? 0) + 1);
  const present = presentRows(column) / rows;
  return [...counts.values()].map((count) => (count / quantiles.length) * present);
}
