import type { ColumnPast } from '../../../src/data/judge/past.js';
import type { ColumnProfile, ColumnType, TableProfile } from '../../../src/domain/data/profile.js';
import { instantOf } from '../../../src/domain/support/time.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

export type Value = number | string | null;

const KEPT = 1000;

/** The profile of a column of these values, as reading them would make it. */
export function column(name: string, values: readonly Value[], type?: ColumnType): ColumnProfile {
  const present = values.filter((value) => value !== null);
  const base = { name, rows: values.length, missing: values.length - present.length, notFinite: 0 };
  const distinct = new Set(present).size;
  if (type === 'text' || present.some((value) => typeof value === 'string'))
    return { ...base, distinct, type: 'text', sqlType: 'VARCHAR', ...textOf(present.map(String)) };
  const numbers = present.map(Number).sort((a, b) => a - b);
  const isWhole = numbers.every(Number.isInteger);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length);
  return {
    ...base,
    distinct,
    type: type ?? (isWhole ? 'integer' : 'number'),
    sqlType: isWhole ? 'BIGINT' : 'DOUBLE',
    numeric:
      numbers.length === 0
        ? undefined
        : {
            min: numbers[0] ?? 0,
            max: numbers.at(-1) ?? 0,
            mean,
            sd: Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length),
            zeros: numbers.filter((value) => value === 0).length,
            negatives: numbers.filter((value) => value < 0).length,
            quantiles: ranks(numbers),
          },
  };
}

/** All values of a short column, else those at a thousand equally spaced ranks. */
const ranks = (sorted: readonly number[]): readonly number[] =>
  sorted.length <= KEPT + 1
    ? sorted
    : Array.from({ length: KEPT + 1 }, (_, i) => sorted[Math.round((i / KEPT) * (sorted.length - 1))] ?? 0);

function textOf(values: readonly string[]): Pick<ColumnProfile, 'categories' | 'text'> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const top = [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
  const share = (test: (value: string) => boolean): number => values.filter(test).length / Math.max(1, values.length);
  const lengths = values.map((value) => value.length);
  return {
    categories: { top, otherRows: 0, singletons: top.filter((one) => one.count === 1).length },
    text: {
      minLength: Math.min(...lengths),
      maxLength: Math.max(...lengths),
      meanLength: lengths.reduce((sum, one) => sum + one, 0) / Math.max(1, lengths.length),
      upperShare: share((value) => value === value.toUpperCase() && value !== value.toLowerCase()),
      digitShare: share((value) => /\d/.test(value)),
      paddedShare: share((value) => value !== value.trim()),
      spaceShare: share((value) => value.includes(' ')),
      nonAsciiShare: 0,
      numberShare: share((value) => value.trim() !== '' && Number.isFinite(Number(value))),
    },
  };
}

/** The profile of a table of these columns. */
export function table(
  columns: Readonly<Record<string, readonly Value[]>>,
  more: Partial<TableProfile> = {},
): TableProfile {
  const rows = Math.max(0, ...Object.values(columns).map((values) => values.length));
  return {
    format: 2,
    rows,
    columns: Object.entries(columns).map(([name, values]) => column(name, values)),
    ...more,
  };
}

/** A table without columns that has so many rows, some of which repeat an earlier one. */
export const counted = (rows: number, duplicateRows?: number): TableProfile => ({
  format: 2,
  rows,
  duplicateRows,
  columns: [],
});

export const times = (from: string, to: string): TableProfile['time'] => ({
  column: 'at',
  from: instantOf(Date.parse(from)),
  to: instantOf(Date.parse(to)),
});

/** Values drawn from a normal distribution, each made by `make`. */
export function normals(seed: number, count: number, make: (z: number, i: number) => number = (z) => z): number[] {
  const normal = seededNormal(seed);
  return Array.from({ length: count }, (_, i) => make(normal(), i));
}

export function uniforms(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
}

export const roundTo = (decimals: number) => (value: number) => Number(value.toFixed(decimals));

/** A column before and now, without earlier windows unless `more` gives them. */
export const pair = (
  name: string,
  was: readonly Value[],
  is: readonly Value[],
  more: Partial<ColumnPast> = {},
): ColumnPast => ({
  before: column(name, was),
  now: column(name, is),
  past: [],
  ...more,
});

/** A column of texts before and now. */
export const texts = (was: readonly string[], is: readonly string[]): ColumnPast => ({
  before: column('c', was, 'text'),
  now: column('c', is, 'text'),
  past: [],
});
