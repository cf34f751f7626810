import type { CategoryProfile, ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import type { DistributionShape } from '../../domain/plot.js';
import { printable } from '../../render/parts/printable.js';
import { shorten } from '../../render/parts/width.js';
import { quantile } from '../../statistics/quantiles.js';

const CATEGORIES = 7;
/** The outermost thousandths have no cells of their own: one wild value would squeeze all others into one cell. */
const TAIL = 0.001;

/**
 * A column of both windows in at most `cells` cells, or as its most frequent values. `undefined` if a window does not have the
 * column, or neither has a value.
 */
export function distributionShape(
  name: string,
  { reference, current }: { readonly reference: TableProfile; readonly current: TableProfile },
  cells: number,
): DistributionShape | undefined {
  const [before, after] = [reference, current].map(({ columns }) => columns.find((one) => one.name === name));
  if (before === undefined || after === undefined) return undefined;
  return numbersOf(before, after, cells) ?? categoriesOf(before, after);
}

/** A window without a number has empty cells, if the other has a range. */
function numbersOf(before: ColumnProfile, after: ColumnProfile, cells: number): DistributionShape | undefined {
  const [a, b] = [before.numeric?.quantiles ?? [], after.numeric?.quantiles ?? []];
  const isNumeric = [before, after].every(
    ({ numeric, categories }) => numeric !== undefined || categories === undefined,
  );
  const known = [a, b].filter((quantiles) => quantiles.length > 0);
  if (!isNumeric || known.length === 0) return undefined;
  const isInteger = [before, after].every(({ type, numeric }) => type === 'integer' || numeric === undefined);
  const lowest = Math.min(...known.map((quantiles) => quantile(quantiles, TAIL)));
  const highest = Math.max(...known.map((quantiles) => quantile(quantiles, 1 - TAIL)));
  const [from, to] = isInteger ? [Math.floor(lowest), Math.ceil(highest)] : [lowest, highest];
  if (!(to > from)) return undefined;
  const edges =
    isInteger && to - from < cells ? edgesOf(from - 0.5, to + 0.5, to - from + 1) : edgesOf(from, to, cells);
  return { kind: 'numbers', edges, reference: sharesOf(a, edges, before), current: sharesOf(b, edges, after) };
}

/** Weighted means, because the difference of two huge numbers may overflow. */
const edgesOf = (from: number, to: number, cells: number): readonly number[] =>
  Array.from({ length: Math.round(cells) + 1 }, (_, i) => {
    const share = i / Math.round(cells);
    return from * (1 - share) + to * share;
  });

/** The share of values at or below each edge, by the same interpolation, read backwards. */
function rankOf(quantiles: readonly number[], value: number): number {
  const last = quantiles.length - 1;
  const above = quantiles.findIndex((one) => one > value);
  if (above < 0) return 1;
  if (above === 0) return 0;
  const [low, high] = [quantiles[above - 1] ?? 0, quantiles[above] ?? 0];
  return (above - 1 + (value - low) / (high - low)) / last;
}

function sharesOf(quantiles: readonly number[], edges: readonly number[], column: ColumnProfile): readonly number[] {
  if (quantiles.length === 0) return edges.slice(1).map(() => 0);
  const present = column.rows === 0 ? 0 : (column.rows - column.missing) / column.rows;
  const ranks = edges.map((edge, i) => (i === 0 ? 0 : i === edges.length - 1 ? 1 : rankOf(quantiles, edge)));
  return ranks.slice(1).map((rank, i) => present * (rank - (ranks[i] ?? 0)));
}

function categoriesOf(before: ColumnProfile, after: ColumnProfile): DistributionShape | undefined {
  const [a, b] = [countsOf(before), countsOf(after)];
  const names = [...new Set([...a.keys(), ...b.keys()])];
  const largest = (name: string): number => Math.max((a.get(name) ?? 0) / before.rows, (b.get(name) ?? 0) / after.rows);
  const shown = names.toSorted((x, y) => largest(y) - largest(x)).slice(0, CATEGORIES);
  if (shown.length === 0 || before.rows === 0 || after.rows === 0) return undefined;
  const rest = (counts: ReadonlyMap<string, number>, { rows, missing }: ColumnProfile): number =>
    (rows - missing - shown.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0)) / rows;
  const cells = [
    ...shown.map((name) => ({
      name: shorten(printable(name) || '(empty)', 16),
      reference: (a.get(name) ?? 0) / before.rows,
      current: (b.get(name) ?? 0) / after.rows,
    })),
    { name: 'other values', isRest: true, reference: rest(a, before), current: rest(b, after) },
    { name: 'missing', reference: before.missing / before.rows, current: after.missing / after.rows },
  ];
  return { kind: 'categories', cells: distinct(cells.filter(({ reference, current }) => reference + current > 0)) };
}

/** A constant number has no range to draw, but a share. */
function countsOf({ categories, numeric, rows, missing }: ColumnProfile): ReadonlyMap<string, number> {
  if (categories !== undefined) return new Map(topOf(categories));
  return numeric === undefined ? new Map() : new Map([[String(numeric.mean), rows - missing]]);
}

const topOf = ({ top }: CategoryProfile): readonly (readonly [string, number])[] =>
  top.map(({ value, count }) => [value, count]);

/** Names that are equal once they are shortened get a number, because each needs a place of its own. */
function distinct<T extends { readonly name: string }>(cells: readonly T[]): readonly T[] {
  const seen = new Map<string, number>();
  return cells.map((cell) => {
    const count = (seen.get(cell.name) ?? 0) + 1;
    seen.set(cell.name, count);
    return count === 1 ? cell : { ...cell, name: `${cell.name} (${count})` };
  });
}
