import type { Onset } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import type { SpanColumn, TableSpan } from '../../domain/ports/datasets.js';
import { HOUR_MS, type Instant } from '../../domain/support/time.js';
import { coarseEdges, ownCells, recount, total } from '../../statistics/distribution.js';
import { missingRows } from './cells.js';

/** Most frequent values of a category column that get a cell: of the reference and of the window, each. */
const VALUES = 15;
/** Maximum number of spans in a window: enough to find an hour in a month. */
const MOST_SPANS = 750;
/** A part of a window that differs less from the rest is no onset. */
const LEAST_DISTANCE = 0.1;
/** The cut is the best of very many, so it must exceed the usual sampling limit (one in a thousand) by this factor. */
const SEARCHED = 1.3;
/** If the change at its beginning is smaller than this share of the change from end to end, it grew gradually. */
const GROWTH = 0.6;

/**
 * If the window without this part keeps more than this share of its distance from the reference, the part is not the
 * change.
 */
const UNLIKE = 0.5;

/** A boundary at most this many spans away may be where the change begins, … */
const NEAR_SPANS = 24;
/**
 * … unless the rows in between are e⁴ times more likely to belong to the other side. The second number: cells of a
 * number column from which that is computed.
 */
const DOUBT = 4;
const EVIDENCE_CELLS = 8;

const SPANS_MS = [1, 6, 24, 7 * 24, 28 * 24, 365 * 24].map((hours) => hours * HOUR_MS);

/** Spans that a window of this length is cut into. */
export const spanFor = (lengthMs: number): number =>
  SPANS_MS.find((span) => lengthMs / span <= MOST_SPANS) ?? lengthMs / MOST_SPANS;

/** The cells in which parts of a window are compared. `undefined` for a column without such cells. */
export function spanColumn(reference: ColumnProfile, current: ColumnProfile): SpanColumn | undefined {
  const { name } = current;
  if (reference.numeric !== undefined && current.numeric !== undefined)
    return { name, edges: coarseEdges(reference.numeric.quantiles) };
  if (reference.categories === undefined || current.categories === undefined) return undefined;
  const top = [reference.categories, current.categories].flatMap((one) => one.top.slice(0, VALUES));
  return { name, values: [...new Set(top.map((one) => one.value))] };
}

/** The reference's rows in those cells, missing values last. */
export function referenceCells(column: SpanColumn, reference: ColumnProfile): readonly number[] {
  const missing = missingRows(reference);
  if ('edges' in column) {
    if (reference.numeric === undefined) return [];
    return [...recount(ownCells(reference.numeric, reference.rows - missing), column.edges), missing];
  }
  const counts = new Map(reference.categories?.top.map((one) => [one.value, one.count]));
  const kept = column.values.map((value) => counts.get(value) ?? 0);
  return [...kept, reference.rows - missing - total(kept), missing];
}

/** The cells in which only missing values are dated: whatever else moves is another change. */
export const presenceColumn = ({ name }: ColumnProfile): SpanColumn => ({ name, values: [''] });

interface Part {
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
}

/**
 * Where in the window the column's change begins and ends: the part that differs most from the rest, if it is the one
 * unlike the reference. A fault begins with a file, a batch or a day; a change in the world begins at any time.
 */
export function findOnset(
  spans: readonly TableSpan[],
  index: number,
  options: { readonly column: SpanColumn; readonly reference: readonly number[]; readonly spanMs: number },
): Onset | undefined {
  const moments = [...new Set(spans.map((span) => span.from))];
  const sums = runningSums(spans, index, moments);
  const isOrdered = 'edges' in options.column;
  const best = bestStretch(sums, isOrdered);
  if (best === undefined) return { kind: 'whole-window' };
  const from = (counts: readonly number[]): number => distance(counts, options.reference, isOrdered);
  const isChange = from(countsOf(sums, best)) >= from(restOf(sums, best));
  // Of two parts with one cut between them the first is the best, so a part that ends with the window is the change.
  if (!isChange && best.from > 0) return undefined;
  const part = isChange ? best : { from: best.until, until: moments.length };
  // Nights differ from days in every window, so what surrounds the change must look like the reference.
  const beside = from(restOf(sums, part));
  if (beside >= LEAST_DISTANCE && beside > UNLIKE * from([...(sums.at(-1) ?? [])])) return { kind: 'whole-window' };
  if (part.from > 0 && hasGrown(sums, part, isOrdered)) return { kind: 'gradual', ...boundsOf(part, moments) };
  const days = { spans, moments, spanMs: options.spanMs };
  const places = boundaries(days);
  const evident = isOrdered ? sums.map(grouped) : sums;
  const snapped = {
    from: part.from === 0 ? 0 : snap(evident, part, 'from', places),
    until: part.until === moments.length ? part.until : snap(evident, part, 'until', places),
  };
  if (snapped.from === 0 && snapped.until === moments.length) return { kind: 'whole-window' };
  const at = snapped.from > 0 ? snapped.from : snapped.until;
  return { ...(places.get(at) ?? { kind: 'inside' }), ...boundsOf(snapped, moments) };
}

function boundsOf({ from, until }: Part, moments: readonly Instant[]): Pick<Onset, 'from' | 'until'> {
  const [first, end] = [moments[from], moments[until]];
  return {
    ...(from === 0 || first === undefined ? {} : { from: first }),
    until: end,
  };
}

/** Counts of all spans before each moment. */
function runningSums(spans: readonly TableSpan[], index: number, moments: readonly number[]): readonly Float64Array[] {
  const cells = spans[0]?.counts[index]?.length ?? 0;
  const place = new Map(moments.map((moment, i) => [moment, i + 1]));
  const sums = Array.from({ length: moments.length + 1 }, () => new Float64Array(cells));
  for (const span of spans) {
    const own = sums[place.get(span.from) ?? 0];
    span.counts[index]?.forEach((count, cell) => {
      if (own !== undefined) own[cell] = (own[cell] ?? 0) + count;
    });
  }
  for (let i = 1; i < sums.length; i++)
    for (let cell = 0; cell < cells; cell++) {
      const own = sums[i];
      if (own !== undefined) own[cell] = (own[cell] ?? 0) + (sums[i - 1]?.[cell] ?? 0);
    }
  return sums;
}

const countsOf = (sums: readonly Float64Array[], { from, until }: Part): readonly number[] =>
  Array.from(sums[until] ?? [], (count, cell) => count - (sums[from]?.[cell] ?? 0));

function restOf(sums: readonly Float64Array[], part: Part): readonly number[] {
  const inside = countsOf(sums, part);
  return Array.from(sums.at(-1) ?? [], (count, cell) => count - (inside[cell] ?? 0));
}

/** Kolmogorov–Smirnov for numbers, total variation for categories. Missing values count as a separate cell. */
function distance(a: readonly number[], b: readonly number[], isOrdered: boolean): number {
  const [n, m] = [Math.max(1, total(a)), Math.max(1, total(b))];
  const missing = Math.abs((a.at(-1) ?? 0) / n - (b.at(-1) ?? 0) / m);
  let [sum, most, whole] = [0, 0, 0];
  for (let cell = 0; cell < a.length - 1; cell++) {
    const difference = (a[cell] ?? 0) / n - (b[cell] ?? 0) / m;
    sum += difference;
    most = Math.max(most, Math.abs(sum));
    whole += Math.abs(difference);
  }
  return isOrdered ? Math.max(most, missing) : (whole + missing) / 2;
}

/** The part of the spans that differs most from the others, beyond sampling. All pairs of ends are tried. */
function bestStretch(sums: readonly Float64Array[], isOrdered: boolean): Part | undefined {
  const spans = sums.length - 1;
  const rows = sums.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  const all = rows.at(-1) ?? 0;
  const sampling = (isOrdered ? 1.95 : 1.5 + 0.4 * Math.sqrt(sums[0]?.length ?? 0)) * SEARCHED;
  let best: (Part & { readonly weight: number }) | undefined;
  for (let from = 0; from < spans; from++)
    for (let until = from + 1; until <= spans; until++) {
      const n = (rows[until] ?? 0) - (rows[from] ?? 0);
      if (n === 0 || n === all) continue;
      const scale = Math.sqrt(1 / n + 1 / (all - n));
      // No distance exceeds 1, so a short part is skipped if a better one is already known.
      if (1 / scale <= (best?.weight ?? sampling)) continue;
      const found = stretchDistance(sums, { from, until }, { n, m: all - n, isOrdered });
      if (found < LEAST_DISTANCE || found <= sampling * scale) continue;
      if (found / scale > (best?.weight ?? 0)) best = { from, until, weight: found / scale };
    }
  return best;
}

/** `distance` between a part and the rest without allocating lists: it is called hundreds of thousands of times. */
function stretchDistance(
  sums: readonly Float64Array[],
  part: Part,
  { n, m, isOrdered }: { readonly n: number; readonly m: number; readonly isOrdered: boolean },
): number {
  const [start, end, last] = [sums[part.from], sums[part.until], sums.at(-1)];
  if (start === undefined || end === undefined || last === undefined) return 0;
  const at = (cell: number): number => {
    const inside = (end[cell] ?? 0) - (start[cell] ?? 0);
    return inside / n - ((last[cell] ?? 0) - inside) / m;
  };
  const cells = last.length - 1;
  const missing = Math.abs(at(cells));
  let [sum, most, whole] = [0, 0, 0];
  for (let cell = 0; cell < cells; cell++) {
    const difference = at(cell);
    sum += difference;
    most = Math.max(most, Math.abs(sum));
    whole += Math.abs(difference);
  }
  return isOrdered ? Math.max(most, missing) : (whole + missing) / 2;
}

/** Whether a change was gradual: the rows just before and just after its beginning differ less than the two ends do. */
function hasGrown(sums: readonly Float64Array[], { from, until }: Part, isOrdered: boolean): boolean {
  const quarter = Math.min(Math.ceil((sums.length - 1) / 4), from, until - from);
  const between = (first: number, second: number): number =>
    distance(
      countsOf(sums, { from: first, until: first + quarter }),
      countsOf(sums, { from: second, until: second + quarter }),
      isOrdered,
    );
  return between(from - quarter, from) < GROWTH * between(0, until - quarter);
}

type Boundary = Pick<Onset, 'kind' | 'file'>;

interface Days {
  readonly spans: readonly TableSpan[];
  readonly moments: readonly Instant[];
  readonly spanMs: number;
}

/**
 * Spans where a file begins, if all rows of it and of later files come after that. Otherwise spans where a day begins,
 * if rows have hours.
 */
function boundaries({ spans, moments, spanMs }: Days): ReadonlyMap<number, Boundary> {
  const isMidnight = (time: number): boolean => time % (24 * HOUR_MS) === 0;
  const hasHours = spanMs < 24 * HOUR_MS && !moments.every(isMidnight);
  const ends = new Map<string, number>();
  for (const span of spans) if (span.file !== undefined) ends.set(span.file, span.from);
  // The window's own ends are boundaries, too: a change two rows after the start began before it.
  const found = new Map<number, Boundary>([
    [0, { kind: 'whole-window' }],
    [moments.length, { kind: 'whole-window' }],
  ]);
  const seen = new Set<string>();
  moments.forEach((moment, i) => {
    const files = spans.filter((span) => span.from === moment).flatMap((span) => span.file ?? []);
    const first = files[0];
    const isNew = first !== undefined && i > 0 && files.every((file) => !seen.has(file));
    const isParted = isNew && [...seen].every((file) => (ends.get(file) ?? moment) < moment);
    for (const file of files) seen.add(file);
    if (i === 0) return;
    if (isParted) found.set(i, { kind: 'file', file: first });
    else if (hasHours && isMidnight(moment)) found.set(i, { kind: 'midnight' });
  });
  return found;
}

const RANK: Readonly<Record<Onset['kind'], number>> = {
  'whole-window': 2,
  file: 2,
  midnight: 1,
  inside: 0,
  gradual: 0,
};

/**
 * Moves the end of a part to a nearby boundary, unless the rows in between contradict it: a cut is only precise to a
 * few rows. A file outranks a midnight.
 */
function snap(
  sums: readonly Float64Array[],
  part: Part,
  side: 'from' | 'until',
  places: ReadonlyMap<number, Boundary>,
): number {
  const at = part[side];
  const inside = countsOf(sums, part);
  const outside = restOf(sums, part);
  const near = [...places]
    .filter(([i]) => Math.abs(i - at) <= NEAR_SPANS && (side === 'from' ? i < part.until : i > part.from))
    .filter(([i]) => {
      const between = countsOf(sums, { from: Math.min(i, at), until: Math.max(i, at) });
      const joins = side === 'from' ? i < at : i > at;
      return evidenceAgainst(between, joins ? inside : outside, joins ? outside : inside) < DOUBT;
    })
    .sort(([i, a], [j, b]) => RANK[b.kind] - RANK[a.kind] || Math.abs(i - at) - Math.abs(j - at));
  return near[0]?.[0] ?? at;
}

/** Joins neighbouring cells to fewer ones. Missing values stay apart. */
function grouped(counts: Float64Array): Float64Array {
  const size = Math.ceil((counts.length - 1) / EVIDENCE_CELLS);
  const joined = new Float64Array(Math.ceil((counts.length - 1) / size) + 1);
  counts.forEach((count, cell) => {
    const at = cell === counts.length - 1 ? joined.length - 1 : Math.floor(cell / size);
    joined[at] = (joined[at] ?? 0) + count;
  });
  return joined;
}

/** Log likelihood ratio for the rows being of the other kind. Half a row is added to every cell. */
function evidenceAgainst(rows: readonly number[], own: readonly number[], other: readonly number[]): number {
  const [n, m] = [total(own) + own.length / 2, total(other) + other.length / 2];
  return rows.reduce(
    (sum, count, cell) => sum + count * Math.log(((other[cell] ?? 0) + 0.5) / m / (((own[cell] ?? 0) + 0.5) / n)),
    0,
  );
}
