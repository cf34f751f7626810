import { cellEdges, ownCells, recount, total } from './distribution.js';
import type { CategoryProfile, ColumnProfile, NumericProfile, TableProfile, TextProfile } from './profile.js';
import { instantOf } from './time.js';

const QUANTILE_STEPS = 1000;
const KEPT_VALUES = 1000;

/**
 * The profile of two tables together, from the profiles of each: partitions are profiled once. Counts, ranges, means,
 * deviations and kept values are those of one scan; shares below an edge are within 0.002 of it; `distinct` is exact where
 * all values are kept, else the larger of the two; histories and repeated rows across tables are not known.
 */
export function mergeProfiles(one: TableProfile, other: TableProfile): TableProfile {
  const names = [...new Set([...one.columns, ...other.columns].map((column) => column.name))];
  const columns = names.map((name) => mergeColumns(columnOf(one, name, other), columnOf(other, name, one)));
  const times = [one.time, other.time].flatMap((time) => (time === undefined ? [] : [time]));
  const [first] = times;
  return {
    format: 2,
    rows: one.rows + other.rows,
    columns,
    ...(first === undefined
      ? {}
      : {
          time: {
            column: first.column,
            from: instantOf(Math.min(...times.map((time) => time.from))),
            to: instantOf(Math.max(...times.map((time) => time.to))),
          },
        }),
  };
}

/** A column; where the table has none, its rows are missing ones of the other's type. */
function columnOf(table: TableProfile, name: string, other: TableProfile): ColumnProfile {
  const found = table.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const like = other.columns.find((column) => column.name === name);
  const { type, sqlType } = like ?? { type: 'other' as const, sqlType: 'UNKNOWN' };
  return { name, type, sqlType, rows: table.rows, missing: table.rows, notFinite: 0, distinct: 0 };
}

const presentOf = (column: ColumnProfile): number => column.rows - column.missing - column.notFinite;

function mergeColumns(one: ColumnProfile, other: ColumnProfile): ColumnProfile {
  const categories = mergeIfBoth(one, other, one.categories, other.categories, mergeCategories);
  const numeric = mergeIfBoth(one, other, one.numeric, other.numeric, (a, b) =>
    mergeNumeric({ profile: a, present: presentOf(one) }, { profile: b, present: presentOf(other) }),
  );
  const text = mergeIfBoth(one, other, one.text, other.text, (a, b) =>
    mergeText(a, b, presentOf(one) / (presentOf(one) + presentOf(other))),
  );
  const wider = one.type === other.type || presentOf(other) === 0 || one.type === 'number' ? one : other;
  const isKept = categories !== undefined && categories.otherRows === 0;
  return {
    name: one.name,
    type: wider.type,
    sqlType: wider.sqlType,
    rows: one.rows + other.rows,
    missing: one.missing + other.missing,
    notFinite: one.notFinite + other.notFinite,
    distinct: isKept ? categories.top.length : Math.max(one.distinct, other.distinct),
    ...(numeric === undefined ? {} : { numeric }),
    ...(categories === undefined ? {} : { categories }),
    ...(text === undefined ? {} : { text }),
  };
}

/** Both merged; that of the only side with present values; nothing where the types differ. */
function mergeIfBoth<T>(
  one: ColumnProfile,
  other: ColumnProfile,
  ...[a, b, merge]: [T | undefined, T | undefined, (a: T, b: T) => T]
): T | undefined {
  if (a !== undefined && b !== undefined) return merge(a, b);
  if (a !== undefined) return presentOf(other) === 0 ? a : undefined;
  return presentOf(one) === 0 ? b : undefined;
}

interface Counted {
  readonly profile: NumericProfile;
  readonly present: number;
}

function mergeNumeric(one: Counted, other: Counted): NumericProfile {
  const [a, b] = [one.profile, other.profile];
  const rows = one.present + other.present;
  const mean = (a.mean * one.present + b.mean * other.present) / rows;
  const around = ({ profile, present }: Counted): number => present * (profile.sd ** 2 + (profile.mean - mean) ** 2);
  const cells = [ownCells(a, one.present), ownCells(b, other.present)];
  const points = cells
    .flatMap(({ edges, counts }) => edges.map((value, i) => ({ value, count: counts[i] ?? 0 })))
    .filter((point) => point.count > 0)
    .sort((x, y) => x.value - y.value);
  const quantiles = valuesAtRanks(points);
  const edges = cellEdges(quantiles);
  const counts = cells.map((own) => recount(own, edges)).reduce((x, y) => x.map((count, i) => count + (y[i] ?? 0)));
  return {
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean,
    sd: Math.sqrt((around(one) + around(other)) / rows),
    zeros: a.zeros + b.zeros,
    negatives: a.negatives + b.negatives,
    quantiles,
    counts,
  };
}

/** Values at equally spaced ranks of weighted values in order; every value where there are few rows. */
function valuesAtRanks(points: readonly { readonly value: number; readonly count: number }[]): readonly number[] {
  const rows = total(points.map((point) => point.count));
  const steps = Math.min(QUANTILE_STEPS, Math.max(1, Math.round(rows) - 1));
  const found: number[] = [];
  let passed = 0;
  for (const { value, count } of points) {
    passed += count;
    while (found.length <= steps && (found.length * (rows - 1)) / steps < passed - 0.5) found.push(value);
  }
  return found;
}

function mergeCategories(a: CategoryProfile, b: CategoryProfile): CategoryProfile {
  const counts = new Map<string, number>();
  for (const { value, count } of [...a.top, ...b.top]) counts.set(value, (counts.get(value) ?? 0) + count);
  const sorted = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((x, y) => y.count - x.count || (x.value < y.value ? -1 : 1));
  const top = sorted.slice(0, KEPT_VALUES);
  const isComplete = a.otherRows + b.otherRows === 0;
  const hashed = a.hashed?.map((count, i) => count + (b.hashed?.[i] ?? 0));
  return {
    top,
    otherRows: a.otherRows + b.otherRows + total(sorted.slice(KEPT_VALUES).map((one) => one.count)),
    singletons: isComplete ? sorted.filter((one) => one.count === 1).length : a.singletons + b.singletons,
    ...(hashed === undefined || b.hashed === undefined ? {} : { hashed }),
  };
}

function mergeText(a: TextProfile, b: TextProfile, weight: number): TextProfile {
  const mix = (x: number, y: number): number => x * weight + y * (1 - weight);
  return {
    minLength: Math.min(a.minLength, b.minLength),
    maxLength: Math.max(a.maxLength, b.maxLength),
    meanLength: mix(a.meanLength, b.meanLength),
    upperShare: mix(a.upperShare, b.upperShare),
    digitShare: mix(a.digitShare, b.digitShare),
    paddedShare: mix(a.paddedShare, b.paddedShare),
    spaceShare: mix(a.spaceShare, b.spaceShare),
    nonAsciiShare: mix(a.nonAsciiShare, b.nonAsciiShare),
    numberShare: mix(a.numberShare, b.numberShare),
  };
}
