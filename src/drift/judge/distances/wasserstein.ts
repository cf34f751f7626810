import { type Cells, type Quantiles, total } from '../../../statistics/distribution.js';
import { ascending } from './ks.js';

/** Cells of a number column: `edges` are the upper bounds of all but the last. */
export interface NumericCells extends Cells {
  readonly edges: readonly number[];
  /** Kept values of both windows, if both are profiles. */
  readonly quantiles?: { readonly reference: Quantiles; readonly current: Quantiles };
  /** Whether all rows lie at the upper bounds of their cells, as in a column of few values. */
  readonly isDiscrete?: boolean;
}

export interface Wasserstein {
  /** In units of the reference's robust deviation. */
  readonly normed: number;
  /** In the column's own unit. */
  readonly unscaled: number;
}

/** Values more than this many interquartile ranges from the quartiles count as lying at that distance. */
const FENCE = 3;

/**
 * Wasserstein-1 (earth mover's) distance ∫|F − G| dx (Kantorovich 1942, Vallender 1974) from cells: in the column's
 * unit, and divided by the reference's robust deviation. F − G is linear within a cell, and constant between the values
 * of a discrete column. Values beyond three interquartile ranges from the quartiles count as lying there, so that a
 * single value of 1e300 changes nothing.
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

/** Cuts the axis at the edges within the fences. */
export function wassersteinGrid({ edges, reference, current, quantiles, isDiscrete }: NumericCells): WassersteinGrid {
  const [n, m] = [total(reference), total(current)];
  const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const points: { x: number; f: number; g: number }[] = [];
  let [f, g] = [0, 0];
  edges.forEach((x, i) => {
    f += (reference[i] ?? 0) / n;
    g += (current[i] ?? 0) / m;
    points.push({ x, f, g });
  });
  const at = (rank: number): number => points.find((point) => point.f >= rank - 1e-12)?.x ?? points.at(-1)?.x ?? 0;
  const [low, high] = fences(at);
  const clamp = (x: number): number => Math.min(high, Math.max(low, x));
  const [lowest, highest] = [quantiles?.current[0] ?? first, quantiles?.current.at(-1) ?? last];
  if (lowest < first) points.unshift({ x: lowest, f: 0, g: 0 });
  if (highest > last) points.push({ x: highest, f: 1, g: 1 });
  const steps = points.slice(1).flatMap((point, i) => {
    const before = points[i] ?? point;
    const width = clamp(point.x) - clamp(before.x);
    if (!(width > 0)) return [];
    const pooled = ({ f, g }: { readonly f: number; readonly g: number }): number => (f * n + g * m) / (n + m);
    if (isDiscrete === true) return [{ width, difference: before.f - before.g, below: pooled(before) }];
    const difference = (before.f - before.g + point.f - point.g) / 2;
    return [{ width, difference, below: (pooled(before) + pooled(point)) / 2 }];
  });
  return { steps, scale: robustScale(at) };
}

function fences(at: (rank: number) => number): readonly [number, number] {
  const [q1, q3] = [at(0.25), at(0.75)];
  if (q3 > q1) return [q1 - FENCE * (q3 - q1), q3 + FENCE * (q3 - q1)];
  return at(0.99) > at(0.01) ? [at(0.01), at(0.99)] : [at(0), at(1)];
}

/**
 * IQR/1.349. If both quartiles are equal, from the 1st and 99th percentiles, then from the range; 1 for a constant
 * column.
 */
function robustScale(at: (rank: number) => number): number {
  const spreads = [(at(0.75) - at(0.25)) / 1.349, (at(0.99) - at(0.01)) / 4.653, at(1) - at(0)];
  return spreads.find((spread) => spread > 0) ?? 1;
}

/** Ranks at which two quantile functions are compared. */
const RANKS = 1000;

/**
 * The same as ∫|F⁻¹ − G⁻¹| over a thousand ranks of kept quantiles, with values beyond the fences counted as lying
 * there. Precise where the current window lies outside the reference's cells.
 */
export function wassersteinOfQuantiles(reference: Quantiles, current: Quantiles): Wasserstein {
  const at =
    (quantiles: Quantiles) =>
    (rank: number): number =>
      quantiles[Math.min(quantiles.length - 1, Math.floor(rank * quantiles.length))] ?? 0;
  const [before, now] = [at(reference), at(current)];
  const [low, high] = fences(before);
  const clamp = (x: number): number => Math.min(high, Math.max(low, x));
  let unscaled = 0;
  for (let k = 0; k < RANKS; k++) {
    const rank = (k + 0.5) / RANKS;
    unscaled += Math.abs(clamp(before(rank)) - clamp(now(rank))) / RANKS;
  }
  return { unscaled, normed: unscaled / robustScale(before) };
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
