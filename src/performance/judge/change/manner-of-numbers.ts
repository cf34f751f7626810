import { countBefore, type MannerRows, type Moving } from './labelled-rows.js';

const SLICES = 8;
const BINS = 16;
/** Quantiles by which one distribution is moved into another. */
const QUANTILES = 400;
/** Most rows of a span that are compared. */
const COMPARED = 20_000;
/** Share of a change in progress that stands for its result. */
const LATE = 0.2;
const FEWEST_LATE = 50;

/** Parts of the way from the old distribution to the new one that a slice may have gone. */
const WAYS = Array.from({ length: 21 }, (_, i) => i / 20);

/**
 * Log-likelihood gain of a mixture of the old and the new residuals over one distribution whose quantiles move in a
 * straight line. Each slice of time takes the position on the way that suits it best, so that only the shape of its
 * residuals counts and not the speed. Positive: the change is gradual.
 */
export function residualManner(rows: MannerRows, { start, end }: Moving): number {
  const hasEnded = rows.time.length - countBefore(rows.time, end) >= FEWEST_LATE;
  const lateFrom = hasEnded ? end : end - LATE * (end - start);
  const before = residuals(rows, Number.NEGATIVE_INFINITY, start).sort();
  const after = residuals(rows, lateFrom, Number.POSITIVE_INFINITY).sort();
  const edges = edgesOf(before, after);
  const [old, recent] = [shares(before, edges), shares(after, edges)];
  const mixed = WAYS.map((way) => old.map((share, bin) => (1 - way) * share + way * (recent[bin] ?? 0)));
  const moved = WAYS.map((way) => shares(between(before, after, way), edges));
  const length = (lateFrom - start) / SLICES;
  return Array.from({ length: SLICES }, (_, slice) => {
    const from = start + slice * length;
    const counts = countsIn(residuals(rows, from, from + length), edges);
    return greatestLikelihood(counts, mixed) - greatestLikelihood(counts, moved);
  }).reduce((sum, one) => sum + one, 0);
}

const greatestLikelihood = (counts: readonly number[], distributions: readonly (readonly number[])[]): number =>
  Math.max(
    ...distributions.map((shares) => counts.reduce((sum, count, bin) => sum + count * Math.log(shares[bin] ?? 1), 0)),
  );

function residuals({ time, label, prediction }: MannerRows, from: number, to: number): Float64Array {
  const [first, last] = [countBefore(time, from), countBefore(time, to)];
  const step = Math.max(1, Math.ceil((last - first) / COMPARED));
  return Float64Array.from(
    { length: Math.ceil((last - first) / step) },
    (_, i) => (label[first + i * step] ?? 0) - (prediction[first + i * step] ?? 0),
  );
}

function edgesOf(before: Float64Array, after: Float64Array): readonly number[] {
  const half = (values: Float64Array) =>
    Array.from({ length: BINS * 20 }, (_, i) => quantile(values, (i + 0.5) / (BINS * 20)));
  const pooled = Float64Array.from([...half(before), ...half(after)]).sort();
  return Array.from({ length: BINS - 1 }, (_, i) => quantile(pooled, (i + 1) / BINS));
}

/** Quantile of sorted values, interpolated between the two nearest. */
function quantile(sorted: Float64Array, share: number): number {
  const place = Math.max(0, Math.min(sorted.length - 1, share * sorted.length - 0.5));
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** The distribution at a part of the way from one to the other. Every quantile moves in a straight line. */
const between = (before: Float64Array, after: Float64Array, way: number): Float64Array =>
  Float64Array.from({ length: QUANTILES }, (_, i) => {
    const share = (i + 0.5) / QUANTILES;
    return (1 - way) * quantile(before, share) + way * quantile(after, share);
  });

function countsIn(values: Float64Array, edges: readonly number[]): readonly number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const x of values) {
    const bin = edges.filter((edge) => x >= edge).length;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** Shares of the bins, never 0. */
const shares = (values: Float64Array, edges: readonly number[]): readonly number[] =>
  countsIn(values, edges).map((count) => (count + 0.5) / (values.length + BINS / 2));
