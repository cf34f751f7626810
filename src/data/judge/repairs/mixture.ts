import { type Quantiles, quantileDistance } from '../../../statistics/distribution.js';
import { type ColumnPast, pastDistance, presentRows } from '../past.js';

/** How well a window is a mixture of two distributions. */
export interface Part {
  /** Share of the rows that are of the second, 0…1. */
  readonly share: number;
  /** Largest difference of the distribution functions that is left (as KS). */
  readonly residual: number;
}

/** A smaller share cannot be told from chance. */
const LEAST_SHARE = 0.05;

/** Distribution function at each of these sorted points, by one walk through the sorted values. */
function shares(values: Quantiles, points: readonly number[]): readonly number[] {
  let at = 0;
  return points.map((x) => {
    while (at < values.length && (values[at] ?? 0) <= x) at++;
    return at / values.length;
  });
}

/** The share of `made` among `was` that explains `is` best, by least squares on the distribution functions. */
export function bestPart(was: Quantiles, made: Quantiles, is: Quantiles): Part | undefined {
  const points = [...was, ...made, ...is].sort((a, b) => a - b);
  const [f, g, h] = [shares(was, points), shares(made, points), shares(is, points)];
  let [product, square] = [0, 0];
  points.forEach((_, i) => {
    const step = (g[i] ?? 0) - (f[i] ?? 0);
    product += step * ((h[i] ?? 0) - (f[i] ?? 0));
    square += step * step;
  });
  const share = square === 0 ? 0 : Math.min(1, product / square);
  return share < LEAST_SHARE ? undefined : { share, residual: farthest(f, g, h, share) };
}

/** What is left of the distance where this share of the rows is as `made`. */
function residualOf(was: Quantiles, made: Quantiles, is: Quantiles, share: number): number {
  const points = [...was, ...made, ...is].sort((a, b) => a - b);
  return farthest(shares(was, points), shares(made, points), shares(is, points), share);
}

const farthest = (f: readonly number[], g: readonly number[], h: readonly number[], share: number): number =>
  h.reduce((most, own, i) => {
    const mixed = (f[i] ?? 0) + share * ((g[i] ?? 0) - (f[i] ?? 0));
    return Math.max(most, Math.abs(own - mixed));
  }, 0);

/** A fault of some rows leaves the others as they were. What is left of the drift has to be a small share of it, … */
const LEFT = 0.2;
/** … or within sampling (one window in twenty), but never more than this share. */
const MOST_LEFT = 0.35;
const USUAL_SAMPLING = 1.36;

/**
 * Whether a fault of this share of the rows, by which the column would be as `made`, explains the whole window, together with what
 * earlier windows of this length had. Where the world has moved, the other rows have moved as well.
 */
export function isPartOnly(column: ColumnPast, made: Quantiles, share: number): boolean {
  const { before, now } = column;
  if (column.isFirstLook === true) return true;
  if (before.numeric === undefined || now.numeric === undefined) return false;
  const [was, is] = [before.numeric.quantiles, now.numeric.quantiles];
  const distance = quantileDistance(was, is);
  const left = Math.min(residualOf(was, made, is, Math.min(1, share)), bestPart(was, made, is)?.residual ?? distance);
  if (left <= Math.max(LEFT * distance, pastDistance(column))) return true;
  const sampling = USUAL_SAMPLING * Math.sqrt(1 / presentRows(now) + 1 / presentRows(before));
  return left <= Math.min(sampling, MOST_LEFT * distance);
}
