import type {
  CategoryProfile,
  ColumnProfile,
  NumericProfile,
  TableProfile,
  TextProfile,
} from '../domain/data/profile.js';
import { instantOf } from '../domain/support/time.js';
import { cellEdges, ownCells, recount, total } from '../statistics/distribution.js';
import { presentRows } from './judge/past.js';

const QUANTILE_STEPS = 1000;
const KEPT_VALUES = 1000;

/**
 * The profile of several tables together, from the profiles of each: partitions are profiled once. Counts, ranges, means,
 * deviations, kept values and rows in a reference's cells are those of one scan; shares below an edge of the own cells are
 * within 0.001 of it (a cell of any part holds at most that much of the part's rows, except where it is one value);
 * `distinct` is exact where all values are kept, else that of the part with most; histories and rows repeated across
 * tables are not known.
 */
export function mergeProfiles(tables: readonly TableProfile[]): TableProfile {
  const names = [...new Set(tables.flatMap((table) => table.columns.map((column) => column.name)))];
  const columns = names.map((name) => mergeColumns(tables.map((table) => columnOf(table, name, tables))));
  const times = tables.flatMap((table) => table.time ?? []);
  const [first] = times;
  const faults = tables.flatMap((table) => table.faults ?? []);
  return {
    format: 2,
    faults: faults.length === 0 ? undefined : faults,
    rows: total(tables.map((table) => table.rows)),
    columns,
    time:
      first === undefined
        ? undefined
        : {
            column: first.column,
            from: instantOf(Math.min(...times.map((time) => time.from))),
            to: instantOf(Math.max(...times.map((time) => time.to))),
          },
  };
}

/** A column; where the table has none, its rows are missing ones of the others' type. */
function columnOf(table: TableProfile, name: string, tables: readonly TableProfile[]): ColumnProfile {
  const named = (one: TableProfile) => one.columns.find((column) => column.name === name);
  const found = named(table);
  if (found !== undefined) return found;
  const like = tables.map(named).find((column) => column !== undefined);
  const { type, sqlType } = like ?? { type: 'other' as const, sqlType: 'UNKNOWN' };
  return { name, type, sqlType, rows: table.rows, missing: table.rows, notFinite: 0, distinct: 0 };
}

function mergeColumns(columns: readonly ColumnProfile[]): ColumnProfile {
  const present = columns.filter((column) => presentRows(column) > 0);
  const categories = whereAll(present, 'categories', (parts) => mergeCategories(parts.map((part) => part.profile)));
  const numeric = whereAll(present, 'numeric', mergeNumeric);
  const text = whereAll(present, 'text', mergeText);
  const counted = whereAll(present, 'counted', (parts) =>
    parts.map((part) => part.profile).reduce((x, y) => x.map((count, i) => count + (y[i] ?? 0))),
  );
  const [first] = present.length > 0 ? present : columns;
  if (first === undefined) throw new Error('internal error: no column to merge');
  const wider = present.find((column) => column.type === 'number') ?? first;
  const isKept = categories !== undefined && categories.otherRows === 0;
  const sum = (key: 'rows' | 'missing' | 'notFinite'): number => total(columns.map((column) => column[key]));
  return {
    name: first.name,
    type: wider.type,
    sqlType: wider.sqlType,
    isDayFirst: wider.isDayFirst,
    rows: sum('rows'),
    missing: sum('missing'),
    notFinite: sum('notFinite'),
    distinct: isKept ? categories.top.length : Math.max(...columns.map((column) => column.distinct)),
    // A value of one part may be in another one too.
    isDistinctEstimate:
      (columns.length > 1 && !isKept) || columns.some((column) => column.isDistinctEstimate) || undefined,
    numeric,
    categories,
    text,
    counted,
  };
}

interface Part<T> {
  readonly profile: T;
  readonly present: number;
}

/** What all columns with present values have, merged; nothing where one of them lacks it. */
function whereAll<K extends 'numeric' | 'categories' | 'text' | 'counted', R>(
  columns: readonly ColumnProfile[],
  key: K,
  merge: (parts: readonly Part<NonNullable<ColumnProfile[K]>>[]) => R,
): R | undefined {
  const parts = columns.flatMap((column) => {
    const profile = column[key];
    return profile === undefined
      ? []
      : [{ profile: profile as NonNullable<ColumnProfile[K]>, present: presentRows(column) }];
  });
  return parts.length === 0 || parts.length < columns.length ? undefined : merge(parts);
}

function mergeNumeric(parts: readonly Part<NumericProfile>[]): NumericProfile {
  const rows = total(parts.map((part) => part.present));
  const mean = total(parts.map(({ profile, present }) => profile.mean * present)) / rows;
  const around = parts.map(({ profile, present }) => present * (profile.sd ** 2 + (profile.mean - mean) ** 2));
  const cells = parts.map(({ profile, present }) => ownCells(profile, present));
  const points = cells
    .flatMap(({ edges, counts }) => edges.map((value, i) => ({ value, count: counts[i] ?? 0 })))
    .filter((point) => point.count > 0)
    .sort((x, y) => x.value - y.value);
  const quantiles = valuesAtRanks(points);
  const edges = cellEdges(quantiles);
  const counts = cells.map((own) => recount(own, edges)).reduce((x, y) => x.map((count, i) => count + (y[i] ?? 0)));
  const sum = (key: 'zeros' | 'negatives'): number => total(parts.map((part) => part.profile[key]));
  return {
    min: Math.min(...parts.map((part) => part.profile.min)),
    max: Math.max(...parts.map((part) => part.profile.max)),
    mean,
    sd: Math.sqrt(total(around) / rows),
    zeros: sum('zeros'),
    negatives: sum('negatives'),
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

function mergeCategories(parts: readonly CategoryProfile[]): CategoryProfile {
  const counts = new Map<string, number>();
  for (const { top } of parts) for (const { value, count } of top) counts.set(value, (counts.get(value) ?? 0) + count);
  const sorted = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((x, y) => y.count - x.count || (x.value < y.value ? -1 : 1));
  const others = total(parts.map((part) => part.otherRows));
  const hashed = parts.map((part) => part.hashed);
  const isHashed = hashed.every((one) => one !== undefined);
  return {
    top: sorted.slice(0, KEPT_VALUES),
    otherRows: others + total(sorted.slice(KEPT_VALUES).map((one) => one.count)),
    singletons:
      others === 0 ? sorted.filter((one) => one.count === 1).length : total(parts.map((part) => part.singletons)),
    ...(isHashed ? { hashed: hashed.reduce((x, y) => x.map((count, i) => count + (y[i] ?? 0))) } : {}),
  };
}

function mergeText(parts: readonly Part<TextProfile>[]): TextProfile {
  const rows = total(parts.map((part) => part.present));
  const mix = (key: keyof TextProfile): number =>
    total(parts.map(({ profile, present }) => profile[key] * present)) / rows;
  return {
    minLength: Math.min(...parts.map((part) => part.profile.minLength)),
    maxLength: Math.max(...parts.map((part) => part.profile.maxLength)),
    meanLength: mix('meanLength'),
    upperShare: mix('upperShare'),
    digitShare: mix('digitShare'),
    paddedShare: mix('paddedShare'),
    spaceShare: mix('spaceShare'),
    nonAsciiShare: mix('nonAsciiShare'),
    numberShare: mix('numberShare'),
  };
}
