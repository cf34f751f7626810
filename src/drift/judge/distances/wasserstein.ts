import { type Cells, type Quantiles, total } from '../../../statistics/distribution.js';
import { ascending } from './ks.js';

/** Cells of a number column: `edges` are the upper bounds of all but the last. */
export interface NumericCells extends Cells {
  readonly edges: readonly number[];
  /** Kept values of the current window, which say how far outside the reference's range its rows lie. */
  readonly kept?: Quantiles;
  /** Whether all rows lie at the upper bounds of their cells, as in a column of few values. */
  readonly isDiscrete?: boolean;
}

export interface Wasserstein {
  /** In units of the reference's robust deviation. */
  readonly normed: number;
  /** In the column's own unit. */
  readonly unscaled: number;
}

/**
 * Values more than this many interquartile ranges from the quartiles count as lying at that distance. If both quartiles
 * are equal: as many robust deviations from the 1st and 99th percentiles, or from the range if these are equal too.
 */
const FENCE = 3;

/**
 * Wasserstein-1 (earth mover's) distance ∫|F − G| dx (Kantorovich 1942, Vallender 1974) from cells: in the column's
 * unit, and divided by the reference's robust deviation. F − G is linear within a cell, and constant between the values
 * of a discrete column. Rows outside the reference's range lie at the window's kept values there, each with the same
 * number of them. Values beyond the fences count as lying there, so that a single value of 1e300 changes nothing.
 */
export function wassersteinOfCells(cells: NumericCells): Wasserstein {
  const grid = wassersteinGrid(cells);
  const unscaled = grid.steps.reduce((sum, step) => sum + step.width * Math.abs(step.difference), 0);
  return { unscaled, normed: unscaled / grid.scale };
}

export interface WassersteinGrid {
  /** Sections of the axis, each with F − G and the pooled share below its middle. */
  readonly steps: readonly { readonly width: number; readonly difference: number; readonly below: number }[];
  readonly scale: number;
}

/** Shares of both windows at or below a value. */
interface Point {
  readonly x: number;
  readonly f: number;
  readonly g: number;
}

/** Cuts the axis at the edges within the fences. */
export function wassersteinGrid({ edges, reference, current, kept = [], isDiscrete }: NumericCells): WassersteinGrid {
  const [n, m] = [total(reference), total(current)];
  let [f, g] = [0, 0];
  const points = edges.map((x, i): Point => {
    f += (reference[i] ?? 0) / n;
    g += (current[i] ?? 0) / m;
    return { x, f, g };
  });
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return { steps: [], scale: 1 };
  const at = (rank: number): number => (points.find((point) => point.f > 0 && point.f >= rank - 1e-12) ?? last).x;
  const scale = robustScale(at);
  const [low, high] = fences(at, scale);
  const under = kept.filter((x) => x < first.x).map((x, i, all) => ({ x, f: 0, g: (first.g * (i + 1)) / all.length }));
  const over = kept
    .filter((x) => x > last.x)
    .map((x, i, all) => ({ x, f: last.f, g: last.g + ((1 - last.g) * (i + 1)) / all.length }));
  const all = [...under, ...points, ...over];
  const isLinear = (step: number): boolean =>
    isDiscrete !== true && step >= under.length && step < under.length + points.length - 1;
  const steps = all.slice(1).flatMap((point, i) => {
    const before = all[i] ?? point;
    const [left, right] = [before, point].map(({ x }) => Math.min(high, Math.max(low, x))) as [number, number];
    const width = right - left;
    if (!(width > 0)) return [];
    const way = isLinear(i) ? (left + width / 2 - before.x) / (point.x - before.x) : 0;
    const [p, q] = [before.f + way * (point.f - before.f), before.g + way * (point.g - before.g)];
    return [{ width, difference: p - q, below: (p * n + q * m) / (n + m) }];
  });
  return { steps, scale };
}

function fences(at: (rank: number) => number, scale: number): readonly [number, number] {
  const [q1, q3] = [at(0.25), at(0.75)];
  if (q3 > q1) return [q1 - FENCE * (q3 - q1), q3 + FENCE * (q3 - q1)];
  const [least, most] = at(0.99) > at(0.01) ? [at(0.01), at(0.99)] : [at(0), at(1)];
  return [least - FENCE * scale, most + FENCE * scale];
}

/**
 * IQR/1.349. If both quartiles are equal, from the 1st and 99th percentiles, then from the range; 1 for a constant
 * column.
 */
function robustScale(at: (rank: number) => number): number {
  const spreads = [(at(0.75) - at(0.25)) / 1.349, (at(0.99) - at(0.01)) / 4.653, at(1) - at(0)];
  return spreads.find((spread) => spread > 0) ?? 1;
}

/** The exact unscaled distance of two samples. */
export function wassersteinOfRows(reference: readonly number[], current: readonly number[]): number {
  const [a, b] = [ascending(reference), ascending(current)];
  const all = ascending([...reference, ...current]);
  let [i, j, sum] = [0, 0, 0];
  for (let k = 1; k < all.length; k++) {
    const x = all[k - 1] ?? 0;
    while (i < a.length && (a[i] ?? 0) <= x) i++;
    while (j < b.length && (b[j] ?? 0) <= x) j++;
    sum += ((all[k] ?? 0) - x) * Math.abs(i / a.length - j / b.length);
  }
  return sum;
}
