import { medianHigh } from '../../../statistics/quantiles.js';
import { seededRandom } from '../../../statistics/random.js';

/** Rows as number columns; a missing value is `undefined`, NaN or null. */
export type NumberRow = readonly (number | null | undefined)[];

export interface ForestOptions {
  readonly trees: number;
  /** Rows that each tree is grown on, drawn without replacement. */
  readonly rowsPerTree: number;
  readonly seed: number;
}

/** The authors' settings. More trees or rows change nothing on their data. */
export const FOREST: ForestOptions = { trees: 100, rowsPerTree: 256, seed: 42 };

/**
 * Rows with a higher score are outliers unless a policy says otherwise. Rows of a single cluster score about 0.5; at
 * most a few percent score above 0.65.
 */
export const FOREST_THRESHOLD = 0.65;

type Node =
  | { readonly rows: number }
  | { readonly column: number; readonly split: number; readonly below: Node; readonly above: Node };

export interface Forest {
  /**
   * From 0 to 1: 2^(−E[h]/c(n)), where h is the length of the row's path in a tree. 0.5 is ordinary, near 1 is
   * isolated.
   */
  readonly score: (row: NumberRow) => number;
}

/**
 * Isolation forest (Liu, Ting and Zhou 2008): a row that few random cuts isolate is unlike the others. Missing values
 * are read as the column's median. `undefined` for fewer than two rows, or if no column varies.
 */
export function growForest(rows: readonly NumberRow[], options: ForestOptions = FOREST): Forest | undefined {
  const medians = mediansOf(rows);
  const filled = rows.map((row) => medians.map((median, i) => valueOr(row[i], median)));
  if (filled.every((row) => row.every((value, i) => value === filled[0]?.[i]))) return undefined;
  const size = Math.min(options.rowsPerTree, filled.length);
  const random = seededRandom(options.seed);
  const depth = Math.ceil(Math.log2(size));
  const trees = Array.from({ length: options.trees }, () => grow(choose(filled, size, random), depth, random));
  const scale = expectedPath(size);
  return {
    score: (row) => {
      const values = medians.map((median, i) => valueOr(row[i], median));
      const mean = trees.reduce((sum, tree) => sum + pathLength(tree, values), 0) / trees.length;
      return 2 ** (-mean / scale);
    },
  };
}

const valueOr = (value: number | null | undefined, otherwise: number): number => {
  const known = value ?? Number.NaN;
  return Number.isNaN(known) ? otherwise : known;
};

function mediansOf(rows: readonly NumberRow[]): readonly number[] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, i) => {
    const present = rows.map((row) => row[i] ?? Number.NaN).filter(Number.isFinite);
    return medianHigh(present) ?? 0;
  });
}

/** The first `size` elements of a shuffle. */
function choose<T>(rows: readonly T[], size: number, random: () => number): T[] {
  const pool = [...rows];
  for (let i = 0; i < size; i++) {
    const j = i + Math.floor(random() * (pool.length - i));
    const [a, b] = [pool[i], pool[j]];
    if (a !== undefined && b !== undefined) [pool[i], pool[j]] = [b, a];
  }
  return pool.slice(0, size);
}

function grow(rows: readonly (readonly number[])[], depth: number, random: () => number): Node {
  const varying = (rows[0] ?? []).map((_, i) => rangeOf(rows, i)).filter(({ min, max }) => max > min);
  const chosen = varying[Math.floor(random() * varying.length)];
  if (depth === 0 || chosen === undefined) return { rows: rows.length };
  const { column, min, max } = chosen;
  const split = min + random() * (max - min);
  const [below, above] = [
    rows.filter((row) => (row[column] ?? 0) < split),
    rows.filter((row) => !((row[column] ?? 0) < split)),
  ];
  return { column, split, below: grow(below, depth - 1, random), above: grow(above, depth - 1, random) };
}

/** Range of the finite values, because a cut at infinity separates nothing. */
function rangeOf(
  rows: readonly (readonly number[])[],
  column: number,
): Readonly<Record<'column' | 'min' | 'max', number>> {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    const value = row[column] ?? 0;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { column, min, max };
}

/** Number of cuts to the row's leaf, plus the expected number for the rows left in it. */
function pathLength(tree: Node, row: readonly number[]): number {
  let node = tree;
  let length = 0;
  while ('column' in node) {
    node = (row[node.column] ?? 0) < node.split ? node.below : node.above;
    length += 1;
  }
  return length + expectedPath(node.rows);
}

const EULER = 0.5772156649015329;

/**
 * c(n) = 2H(n−1) − 2(n−1)/n: mean path length of an unsuccessful search in a binary search tree of n rows (Preiss
 * 1999).
 */
export function expectedPath(rows: number): number {
  if (rows <= 1) return 0;
  if (rows === 2) return 1;
  return 2 * (Math.log(rows - 1) + EULER) - (2 * (rows - 1)) / rows;
}
