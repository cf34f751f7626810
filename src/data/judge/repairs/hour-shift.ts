import { type Fault, unclear } from '../fault.js';
import { type Clock, isFigure, type RowEvidence } from '../row-evidence.js';

const HOURS = 24;
/** Fewer rows give no profile over the day. */
const LEAST_ROWS = 300;
/** Both windows must have rows in at least this many hours of the day. */
const LEAST_HOURS = 20;
/** Without a shift the profiles must differ by this multiple of chance, … */
const TELLING = 6;
/** … and the shift must leave at most this share of the difference. */
const LEFT = 0.15;
/** The shifted profiles may differ by at most this multiple of chance. */
const FITTING = 3;
const MOST_COLUMNS = 12;

/** A quantity by hour of the day, with the variance of each estimate. */
interface Profile {
  readonly means: readonly number[];
  readonly variances: readonly number[];
}

/**
 * A clock that was moved by whole hours, as by another time zone. The number of rows and the other columns follow the
 * same course over the day, some hours earlier or later. `undefined` if they do not.
 */
export function testHourShift({ reference, current }: RowEvidence, clock: Clock): Fault | undefined {
  const rows = Math.min(clock.reference.length, clock.current.length);
  const hours = [clock.reference, clock.current].map((one) => new Set(one.filter(isFigure)).size);
  if (rows < LEAST_ROWS || Math.min(...hours) < LEAST_HOURS) return undefined;
  const pairs = [
    [countProfile(clock.reference), countProfile(clock.current)] as const,
    ...[...reference]
      .filter(([name, values]) => name !== clock.column && values.filter(isFigure).length >= LEAST_ROWS)
      .slice(0, MOST_COLUMNS)
      .flatMap(([name, values]) => {
        const now = current.get(name);
        return now === undefined ? [] : [rankProfiles({ values, now }, clock)];
      }),
  ];
  const misfits = Array.from({ length: HOURS }, (_, shift) => misfit(pairs, shift));
  const unmoved = misfits[0] ?? 0;
  const best = misfits.reduce((least, one, shift) => (one < (misfits[least] ?? 0) ? shift : least), 0);
  const left = misfits[best] ?? 0;
  if (unmoved < TELLING || left > Math.min(FITTING, LEFT * unmoved)) return undefined;
  return shiftFault(clock, best > HOURS / 2 ? best - HOURS : best, { rows: clock.current.length, unmoved, left });
}

function shiftFault(
  { column }: Clock,
  hours: number,
  seen: { readonly rows: number; readonly unmoved: number; readonly left: number },
): Fault {
  const fault: Fault = {
    code: 'shifted',
    severity: 'error',
    detail: `the course of the day is as before, ${Math.abs(hours)} h ${hours > 0 ? 'later' : 'earlier'}`,
    likelyCause: 'another time zone',
    repair: `move by ${-hours} h`,
    selects: { kind: 'present', column },
    evidence: { hours, distance: Number(seen.unmoved.toPrecision(4)), residual: Number(seen.left.toPrecision(4)) },
  };
  // Clock changes in spring and autumn move people by one hour.
  return Math.abs(hours) > 1
    ? fault
    : unclear(fault, 'the clocks have changed, or the day begins an hour later or earlier');
}

/** Mean squared difference of the profiles after a shift, in units of chance: 1 if nothing differs. */
function misfit(pairs: readonly (readonly [Profile, Profile])[], shift: number): number {
  let [sum, terms] = [0, 0];
  for (const [was, is] of pairs)
    for (let hour = 0; hour < HOURS; hour++) {
      const later = (hour + shift) % HOURS;
      const variance =
        (was.variances[hour] ?? Number.POSITIVE_INFINITY) + (is.variances[later] ?? Number.POSITIVE_INFINITY);
      if (!Number.isFinite(variance)) continue;
      sum += ((was.means[hour] ?? 0) - (is.means[later] ?? 0)) ** 2 / variance;
      terms++;
    }
  return sum / terms;
}

/** Share of the rows that have an hour, in each hour of the day. */
function countProfile(clock: readonly (number | null)[]): Profile {
  const hours = clock.filter(isFigure);
  const counts = new Array<number>(HOURS).fill(0);
  for (const hour of hours) counts[hour] = (counts[hour] ?? 0) + 1;
  const all = hours.length;
  return {
    means: counts.map((count) => count / all),
    variances: counts.map((count) => Math.max(count, 1) / all ** 2),
  };
}

/**
 * Mean rank of a column in each hour of the day. Ranks are 0…1 within their own window, so that a change of level does
 * not count.
 */
function rankProfiles(
  { values, now }: Readonly<Record<'values' | 'now', readonly (number | string | null)[]>>,
  clock: Clock,
): readonly [Profile, Profile] {
  return [rankProfile(values, clock.reference), rankProfile(now, clock.current)];
}

function rankProfile(values: readonly (number | string | null)[], hours: readonly (number | null)[]): Profile {
  const sorted = values.filter(isFigure).toSorted((a, b) => a - b);
  const places = new Map<number, { first: number; last: number }>();
  sorted.forEach((value, i) => {
    const place = places.get(value);
    if (place === undefined) places.set(value, { first: i, last: i });
    else place.last = i;
  });
  const sums = Array.from({ length: HOURS }, () => ({ rows: 0, sum: 0, squares: 0 }));
  values.forEach((value, i) => {
    const own = sums[hours[i] ?? -1];
    const place = isFigure(value) ? places.get(value) : undefined;
    if (own === undefined || place === undefined) return;
    const rank = (place.first + place.last + 1) / 2 / sorted.length;
    own.rows++;
    own.sum += rank;
    own.squares += rank * rank;
  });
  return {
    means: sums.map(({ rows, sum }) => sum / Math.max(1, rows)),
    variances: sums.map(({ rows, sum, squares }) =>
      rows < 3 ? Number.POSITIVE_INFINITY : Math.max(1e-6, squares / rows - (sum / rows) ** 2) / rows,
    ),
  };
}
