import { areTimes } from '../../domain/data/number-times.js';
import { quantileDistance } from '../../statistics/distribution.js';
import { midRanks } from '../../statistics/ranks.js';

/** A random sample of rows by column, for the relations between columns. */
type RowSample = ReadonlyMap<string, readonly (number | string | null)[]>;

export interface RowEvidence {
  readonly reference: RowSample;
  readonly current: RowSample;
  /** Hours of the day of the same rows. */
  readonly clocks?: readonly Clock[];
}

/** A column with the hour of the day, 0…23, for each row of both samples. */
export interface Clock {
  readonly column: string;
  readonly reference: readonly (number | null)[];
  readonly current: readonly (number | null)[];
}

/** Fewer pairs give no usable correlation. */
const LEAST_PAIRS = 60;
/** A correlation is evidence only if the fault changes it by this many standard errors. */
const TELLING = 5;
/** Standard errors within which the current correlation must match one of the two, … */
const NEAR = 3.5;
/** … or this share of the fault's own effect, because the world changes a little, too. */
const NEAR_SHARE = 0.25;
/** Share of the pairs with evidence that must agree. */
const AGREE = 0.8;
const MOST_COMPANIONS = 12;

export const isFigure = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

interface Correlation {
  /** Fisher's z of Spearman's rank correlation. Its standard error does not depend on its value. */
  readonly z: number;
  readonly pairs: number;
}

/** Spearman's rank correlation between two columns of a sample. `undefined` for too few pairs or a constant column. */
export function correlation(
  first: readonly (number | string | null)[],
  second: readonly (number | string | null)[],
): Correlation | undefined {
  const kept = [...first.keys()].filter((i) => isFigure(first[i]) && isFigure(second[i]));
  if (kept.length < LEAST_PAIRS) return undefined;
  const [x, y] = [first, second].map((values) => midRanks(kept.map((i) => Number(values[i]))));
  const middle = (kept.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < kept.length; i++) {
    const [dx, dy] = [(x?.[i] ?? 0) - middle, (y?.[i] ?? 0) - middle];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  if (xx === 0 || yy === 0) return undefined;
  const value = Math.max(-0.9999, Math.min(0.9999, xy / Math.sqrt(xx * yy)));
  return { z: Math.atanh(value), pairs: kept.length };
}

/**
 * Whether the relations between columns are those that this fault would have caused. The fault is applied to the
 * reference's rows; a rank correlation with another column is evidence if the fault changes it clearly. `fault`: those
 * correlations are now as the fault makes them. `world`: they have stayed. `silent`: there are none, or they disagree.
 */
export function jointVerdict(
  { reference, current }: RowEvidence,
  faulty: ReadonlyMap<string, readonly (number | string | null)[]>,
): 'fault' | 'world' | 'silent' {
  let [faults, worlds, telling] = [0, 0, 0];
  for (const [name, made] of faulty) {
    const [was, is] = [reference.get(name), current.get(name)];
    if (was === undefined || is === undefined) continue;
    for (const other of [...reference.keys()].filter((one) => !faulty.has(one)).slice(0, MOST_COMPANIONS)) {
      const [before, now] = [reference.get(other) ?? [], current.get(other) ?? []];
      const pair = [correlation(was, before), correlation(made, before), correlation(is, now)] as const;
      const said = whoSays(pair);
      if (said === undefined) continue;
      telling++;
      if (said === 'fault') faults++;
      if (said === 'world') worlds++;
    }
  }
  if (telling === 0) return 'silent';
  if (faults >= AGREE * telling) return 'fault';
  return worlds >= AGREE * telling ? 'world' : 'silent';
}

/** The same for a change of one column in a share of the rows. `silent` if no rows have been read. */
export function jointOf(
  rows: RowEvidence | undefined,
  column: string,
  change: (value: number) => number,
  share: number,
): 'fault' | 'world' | 'silent' {
  const was = rows?.reference.get(column);
  if (rows === undefined || was === undefined) return 'silent';
  const made = was.map((value, i) => (isFigure(value) && isHit(i, share) ? change(value) : value));
  return jointVerdict(rows, new Map([[column, made]]));
}

function whoSays([was, made, is]: readonly [Correlation | undefined, Correlation | undefined, Correlation | undefined]):
  | 'fault'
  | 'world'
  | 'neither'
  | undefined {
  if (was === undefined || made === undefined || is === undefined) return undefined;
  // 1.06 / (n − 3): variance of Fisher's z of a rank correlation (Fieller, Hartley and Pearson 1957).
  const error = Math.sqrt(1.06 / (was.pairs - 3) + 1.06 / (is.pairs - 3));
  if (Math.abs(made.z - was.z) < TELLING * error) return undefined;
  const [fromFault, fromWorld] = [Math.abs(is.z - made.z), Math.abs(is.z - was.z)];
  const near = Math.max(NEAR * error, NEAR_SHARE * Math.abs(made.z - was.z));
  if (Math.min(fromFault, fromWorld) > near) return 'neither';
  return fromFault < fromWorld ? 'fault' : 'world';
}

/** Whether a fault in this share of the rows affects this row of a sample: the same rows each time, evenly spread. */
export const isHit = (row: number, share: number): boolean => (row * 0.618_033_988_749_895) % 1 < share;

/**
 * The column that explains the current share of rows with a property, and the share that it predicts: the reference's
 * share at each of its values, weighted by the current mix of those values. `undefined` if no column explains it.
 */
export function explainedBy(
  evidence: RowEvidence,
  column: string,
  has: (value: number | string | null) => boolean,
  ignore: ReadonlySet<string>,
): { readonly by: string; readonly expected: number } | undefined {
  const [target, now] = [evidence.reference.get(column), evidence.current.get(column)];
  if (target === undefined || now === undefined || now.length === 0) return undefined;
  const before = target.filter(has).length / Math.max(1, target.length);
  const after = now.filter(has).length / now.length;
  for (const [name, values] of evidence.reference) {
    const current = evidence.current.get(name);
    if (name === column || ignore.has(name) || current === undefined) continue;
    const expected = expectedShare({ target: target.map(has), values, current, before });
    if (expected === undefined) continue;
    const error = Math.sqrt((expected * (1 - expected)) / now.length);
    if (after - expected <= Math.max(3 * error, EXPLAINED * (after - before))) return { by: name, expected };
  }
  return undefined;
}

/**
 * The column whose values say which of the current rows have a property: all rows of some values, none of the others.
 * `undefined` if no column divides them so. Any column that follows the rows in time divides them where a feed has stopped, so
 * numbers of rows, dates and columns whose groups come one after the other are left out. Other figures may divide them at one
 * limit, such as an age.
 */
export function dividedBy(
  evidence: RowEvidence,
  column: string,
  has: (value: number | string | null) => boolean,
  ignore: ReadonlySet<string>,
): string | undefined {
  return columnThat(evidence, { column, has, ignore }, (target, values) =>
    isKind(values) ? isDivided(target, values) : isMeasure(values) && isDividedAtLimit(target, values),
  );
}

/**
 * The column some of whose values have nearly all of the current rows with a property, and mostly such rows: energy is only
 * fed in by those who have panels, if not every day. `undefined` if there is none. Dates and numbers of rows do not count.
 */
export function confinedTo(
  evidence: RowEvidence,
  column: string,
  has: (value: number | string | null) => boolean,
  ignore: ReadonlySet<string>,
): string | undefined {
  return columnThat(
    evidence,
    { column, has, ignore },
    (target, values) => isKind(values) && isConfined(target, values),
  );
}

/** The first other column that tells the rows apart. None does where these rows come one after the other. */
function columnThat(
  { current }: RowEvidence,
  {
    column,
    has,
    ignore,
  }: {
    readonly column: string;
    readonly has: (value: number | string | null) => boolean;
    readonly ignore: ReadonlySet<string>;
  },
  tells: (target: readonly boolean[], values: readonly (number | string | null)[]) => boolean,
): string | undefined {
  const target = current.get(column)?.map(has);
  if (target === undefined || reaches(target.map(String)).some(({ reach }) => reach < SPREAD)) return undefined;
  const others = [...current].filter(([name]) => name !== column && !ignore.has(name));
  return others.find(([, values]) => tells(target, values))?.[0];
}

function isConfined(target: readonly boolean[], values: readonly (number | string | null)[]): boolean {
  const keys = values.map((value) => String(value ?? ''));
  const { all, large, hasBoth } = groupsOf(target, keys);
  const hits = all.reduce((sum, one) => sum + one.hits, 0);
  const inside = large.reduce((sum, one) => sum + (2 * one.hits > one.rows ? one.hits : 0), 0);
  return all.length <= MOST_GROUPS && hasBoth && hits - inside <= ODD_ROWS * hits && isMixed(keys);
}

/** Whether the values are figures that repeat or have decimals, and no times. Whole numbers that do not repeat number the rows. */
function isMeasure(values: readonly (number | string | null)[]): boolean {
  const present = values.filter((value) => value !== null);
  if (!present.every(isFigure) || areTimes(present)) return false;
  return !present.every(Number.isInteger) || new Set(present).size < present.length / 2;
}

/** Whether nearly all rows below one limit have the property and those above have not, or the other way round. */
function isDividedAtLimit(target: readonly boolean[], values: readonly (number | string | null)[]): boolean {
  const rows = values.flatMap((value, i) => (isFigure(value) ? [{ value, isHit: target[i] === true }] : []));
  rows.sort((a, b) => a.value - b.value);
  const hits = rows.filter((one) => one.isHit).length;
  let [below, best] = [0, { gain: 0, limit: 0 }];
  rows.forEach(({ value, isHit }, i) => {
    below += Number(isHit) - hits / Math.max(1, rows.length);
    const isEnd = value !== rows[i + 1]?.value;
    if (isEnd && Math.abs(below) > best.gain) best = { gain: Math.abs(below), limit: value };
  });
  const side = values.map((value) => (isFigure(value) ? (value <= best.limit ? 'below' : 'above') : null));
  return best.gain > 0 && isDivided(target, side);
}

/** Whether the values are names of kinds: texts that are no dates, or up to ten whole numbers that are none. */
function isKind(values: readonly (number | string | null)[]): boolean {
  const present = values.filter((value) => value !== null);
  if (present.every((value) => typeof value === 'string'))
    return present.filter((value) => DATE.test(value)).length < present.length / 2;
  if (!present.every(isFigure) || areTimes(present)) return false;
  return present.every(Number.isInteger) && new Set(present).size <= MOST_CODES;
}

/** How far each large group reaches along all rows, without a tenth at either end, 0…1. Sampled rows keep their order. */
function reaches(keys: readonly string[]): readonly { readonly rows: number; readonly reach: number }[] {
  const places = new Map<string, number[]>();
  keys.forEach((key, i) => {
    const own = places.get(key) ?? [];
    places.set(key, own);
    own.push(i);
  });
  const large = [...places.values()].filter((own) => own.length >= LEAST_GROUP);
  const at = (own: readonly number[], share: number): number => own[Math.floor(share * own.length)] ?? 0;
  return large.map((own) => ({ rows: own.length, reach: (at(own, 0.9) - at(own, 0.1)) / keys.length }));
}

/** Whether the groups lie side by side along the rows, and not one after the other. */
function isMixed(keys: readonly string[]): boolean {
  const found = reaches(keys);
  const rows = found.reduce((sum, one) => sum + one.rows, 0);
  return found.reduce((sum, one) => sum + one.rows * one.reach, 0) >= SPREAD * rows;
}

/**
 * Another measured column whose values have moved by at least this distance. Whole numbers do not count: days, months and
 * numbers of rows always move.
 */
export function movedBeside(
  { reference, current }: RowEvidence,
  column: string,
  ignore: ReadonlySet<string>,
  distance: number,
): string | undefined {
  const figures = (values: readonly (number | string | null)[]): readonly number[] =>
    values.filter(isFigure).sort((a, b) => a - b);
  return [...reference.keys()].find((name) => {
    const [was, is] = [reference.get(name) ?? [], current.get(name) ?? []];
    if (name === column || ignore.has(name) || ![was, is].every(isMeasure)) return false;
    const [before, now] = [figures(was), figures(is)];
    if (Math.min(before.length, now.length) < LEAST_PAIRS || before.every(Number.isInteger)) return false;
    return quantileDistance(before, now) >= distance;
  });
}

interface Groups {
  readonly all: readonly { readonly hits: number; readonly rows: number }[];
  readonly large: Groups['all'];
  /** Whether one large group has the property in most of its rows, and another one in few. */
  readonly hasBoth: boolean;
}

function groupsOf(target: readonly boolean[], keys: readonly string[]): Groups {
  const groups = new Map<string, { hits: number; rows: number }>();
  keys.forEach((key, i) => {
    const own = groups.get(key) ?? { hits: 0, rows: 0 };
    groups.set(key, { hits: own.hits + Number(target[i]), rows: own.rows + 1 });
  });
  const all = [...groups.values()];
  const large = all.filter(({ rows }) => rows >= LEAST_GROUP);
  const hasBoth = large.some(({ hits, rows }) => 2 * hits > rows) && large.some(({ hits, rows }) => 2 * hits < rows);
  return { all, large, hasBoth };
}

function isDivided(target: readonly boolean[], values: readonly (number | string | null)[]): boolean {
  const keys = values.map((value) => String(value ?? ''));
  const { all, hasBoth } = groupsOf(target, keys);
  const odd = all.reduce((sum, { hits, rows }) => sum + Math.min(hits, rows - hits), 0);
  return all.length <= MOST_GROUPS && hasBoth && odd <= ODD_ROWS * target.length && isMixed(keys);
}

const DATE = /^\d{1,4}[-/.]\d{1,2}([-/.]|$)|^\d{1,2}:\d{2}/;
/** Whole numbers with at most so many values may be codes of kinds. Days and hours have more. */
const MOST_CODES = 10;
/** Groups side by side reach over about 0.8 of the rows. */
const SPREAD = 0.5;

/** Share of rows that may lie on the wrong side of a division. */
const ODD_ROWS = 0.02;
/** Share of a rise that the other column may leave unexplained. */
const EXPLAINED = 0.3;
const MOST_GROUPS = 60;
const LEAST_GROUP = 10;
const BINS = 10;

/** The share to expect from the current mix of another column's values, by the reference's share at each of them. */
function expectedShare({
  target,
  values,
  current,
  before,
}: {
  readonly target: readonly boolean[];
  readonly values: readonly (number | string | null)[];
  readonly current: readonly (number | string | null)[];
  readonly before: number;
}): number | undefined {
  const group = grouping(values);
  const seen = new Map<string, { hits: number; rows: number }>();
  values.forEach((value, i) => {
    const key = group(value);
    if (key === undefined) return;
    const own = seen.get(key) ?? { hits: 0, rows: 0 };
    seen.set(key, { hits: own.hits + Number(target[i]), rows: own.rows + 1 });
  });
  if (seen.size < 2 || seen.size > MOST_GROUPS) return undefined;
  const share = (key: string | undefined): number => {
    const own = key === undefined ? undefined : seen.get(key);
    return own === undefined || own.rows < LEAST_GROUP ? before : own.hits / own.rows;
  };
  return current.reduce((sum: number, value) => sum + share(group(value)), 0) / Math.max(1, current.length);
}

/**
 * Groups a column's values: by value, or in ten groups of equal size for a number column with many values. Missing
 * values are in no group.
 */
function grouping(values: readonly (number | string | null)[]): (value: number | string | null) => string | undefined {
  const numbers = values.filter(isFigure);
  const distinct = new Set(values).size;
  if (numbers.length < values.length / 2 || distinct <= MOST_GROUPS)
    return (value) => (value === null ? undefined : String(value));
  const sorted = numbers.toSorted((a, b) => a - b);
  const bounds = Array.from({ length: BINS - 1 }, (_, i) => sorted[Math.floor(((i + 1) / BINS) * sorted.length)] ?? 0);
  return (value) => (isFigure(value) ? String(bounds.filter((bound) => bound < value).length) : undefined);
}
