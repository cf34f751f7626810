import type { TableProfile } from '../../domain/data/profile.js';
import { medianHigh } from '../../statistics/quantiles.js';
import type { Fault } from './fault.js';
import { LEAST_PAST } from './past.js';

/** A window has too few rows if it has less than this share of the usual number. */
const ROWS_SHARE = 0.6;
/** A part of the window is empty if it has less than this share of its usual rows. */
const EMPTY_SHARE = 0.2;
/** Share of the missing rows that empty parts must explain. */
const IN_GAPS = 0.5;

/** Gaps are beyond chance if their probability is below one in a thousand, here as ln(1/p). */
const SURPRISE = Math.log(1000);

/** Rows by equal parts of the window. */
export interface RowParts {
  /** Median number of rows that earlier windows had in each part. */
  readonly usual: readonly number[];
  readonly now: readonly number[];
}

/**
 * Rows that did not come. If whole stretches of time lack them, a delivery was cut off: an error. If every part of the
 * window has fewer rows, less may have happened: a warning.
 */
export function missingRows(
  current: TableProfile,
  history: readonly TableProfile[],
  parts: RowParts | undefined,
): Fault | undefined {
  if (history.length < LEAST_PAST) return undefined;
  const rows = history.map((table) => table.rows);
  const [least, middle, most] = [Math.min(...rows), medianHigh(rows) ?? 0, Math.max(...rows)];
  if (current.rows >= ROWS_SHARE * middle || current.rows >= least) return undefined;
  const isCut = parts === undefined || isInGaps(parts);
  return {
    code: isCut ? 'rows-missing' : 'fewer-rows',
    severity: isCut ? 'error' : 'warning',
    detail: `${current.rows} rows; earlier windows as long had ${least} to ${most}${isCut ? '' : '; every part of the window has fewer'}`,
    rows: middle - current.rows,
    likelyCause: isCut
      ? 'a delivery that was cut off, or has not come yet'
      : 'less to record: demand, traffic, customers',
    evidence: { rows_now: current.rows, rows_usual: middle, share: 1 - current.rows / middle },
  };
}

/**
 * Whether most of the missing rows are missing in parts that have nearly none, and more of them than if all parts had lost
 * the same share: then a few rows a part leave some empty by chance.
 */
function isInGaps({ usual, now }: RowParts): boolean {
  const [before, after] = [usual, now].map((parts) => parts.reduce((sum, rows) => sum + rows, 0));
  const left = (after ?? 0) / Math.max(1, before ?? 0);
  const isEmpty = (i: number): boolean => (now[i] ?? 0) < EMPTY_SHARE * (usual[i] ?? 0);
  const surprise = usual.reduce(
    (sum, rows, i) => sum + (isEmpty(i) ? poissonSurprise(now[i] ?? 0, left * rows) : 0),
    0,
  );
  // Twice the surprise of all parts has the distribution of χ², with as many degrees of freedom as parts.
  if (surprise <= SURPRISE + usual.filter((rows) => rows > 0).length / 2) return false;
  const missing = usual.map((rows, i) => Math.max(0, rows - (now[i] ?? 0)));
  const all = missing.reduce((sum, rows) => sum + rows, 0);
  const inGaps = missing.reduce((sum, rows, i) => sum + (isEmpty(i) ? rows : 0), 0);
  return all > 0 && inGaps >= IN_GAPS * all;
}

/** How surprising it is that a part has so few rows, as ln(1/p) by Chernoff's bound of the Poisson tail. */
const poissonSurprise = (rows: number, expected: number): number =>
  rows >= expected ? 0 : expected - rows + (rows === 0 ? 0 : rows * Math.log(rows / expected));
