import { type Quantiles, quantileDistance } from '../../../statistics/distribution.js';
import { type ColumnPast, pastDistance, presentRows } from '../past.js';

/** How well a window can be described as a mixture of two distributions. */
export interface Part {
  /** Share of rows from the second distribution, 0…1. */
  readonly share: number;
  /** Largest remaining difference of the distribution functions (a KS distance). */
  readonly residual: number;
}

/** A smaller share cannot be told from chance. */
const LEAST_SHARE = 0.05;

/** The distribution function at each of these sorted points, in one pass over the sorted values. */
function shares(values: Quantiles, points: readonly number[]): readonly number[] {
  let at = 0;
  return points.map((x) => {
    while (at < values.length && (values[at] ?? 0) <= x) at++;
    return at / values.length;
  });
}

/** Three distribution functions at all of their values: f of `was`, g of `made`, h of `is`. */
function functionsOf(was: Quantiles, made: Quantiles, is: Quantiles) {
  const points = [...was, ...made, ...is].sort((a, b) => a - b);
  return { f: shares(was, points), g: shares(made, points), h: shares(is, points) };
}

/** The share of `made` mixed into `was` that describes `is` best, by least squares on the distribution functions. */
export function bestPart(was: Quantiles, made: Quantiles, is: Quantiles): Part | undefined {
  const functions = functionsOf(was, made, is);
  const { f, g, h } = functions;
  let [product, square] = [0, 0];
  f.forEach((_, i) => {
    const step = (g[i] ?? 0) - (f[i] ?? 0);
    product += step * ((h[i] ?? 0) - (f[i] ?? 0));
    square += step * step;
  });
  const share = square === 0 ? 0 : Math.min(1, product / square);
  return share < LEAST_SHARE ? undefined : { share, residual: farthest(functions, share) };
}

/** The distance that remains if this share of the rows is distributed as `made`, without rounding errors. */
function farthest({ f, g, h }: ReturnType<typeof functionsOf>, share: number): number {
  const most = h.reduce((far, own, i) => {
    const mixed = (f[i] ?? 0) + share * ((g[i] ?? 0) - (f[i] ?? 0));
    return Math.max(far, Math.abs(own - mixed));
  }, 0);
  return Number(most.toFixed(9));
}

/** A fault in some rows leaves the others unchanged. What remains of the drift must be at most this share of it, … */
const LEFT = 0.2;
/** … or within sampling (one window in twenty), but never more than this share. */
const MOST_LEFT = 0.35;
const USUAL_SAMPLING = 1.36;

/**
 * Whether a fault in this share of the rows explains the whole window, apart from what earlier windows of this length
 * differed by. `made` is the column as the fault would make it. If the world had changed, the other rows would have
 * changed as well.
 */
export function isPartOnly(column: ColumnPast, made: Quantiles, share: number): boolean {
  const { before, now } = column;
  if (column.isFirstLook === true) return true;
  if (before.numeric === undefined || now.numeric === undefined) return false;
  const [was, is] = [before.numeric.quantiles, now.numeric.quantiles];
  const distance = quantileDistance(was, is);
  const left = Math.min(
    farthest(functionsOf(was, made, is), Math.min(1, share)),
    bestPart(was, made, is)?.residual ?? distance,
  );
  if (left <= Math.max(LEFT * distance, pastDistance(column))) return true;
  const sampling = USUAL_SAMPLING * Math.sqrt(1 / presentRows(now) + 1 / presentRows(before));
  return left <= Math.min(sampling, MOST_LEFT * distance);
}
