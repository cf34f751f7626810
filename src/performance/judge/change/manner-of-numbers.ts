import { countBefore, type MannerRows, type Moving } from './labelled-rows.js';

const SLICES = 8;
const BINS = 16;
/** Quantiles by which one distribution is moved into another. */
const QUANTILES = 400;
/** Rows of a span that are looked at. */
const COMPARED = 20_000;
/** Share of a change that is still under way that stands for what it leads to. */
const LATE = 0.2;
const FEWEST_LATE = 50;

/**
 * Log-likelihood by which a mixture of the old and the new residuals explains those of the change better than one
 * distribution whose quantiles move in a straight line. Positive: the change is gradual.
 */
export function residualManner(rows: MannerRows, { start, end }: Moving): number {
  const hasEnded = rows.time.length - countBefore(rows.time, end) >= FEWEST_LATE;
  const lateFrom = hasEnded ? end : end - LATE * (end - start);
  // Rows of a change under way stand for its state in the middle of the late part.
  const arrival = hasEnded ? end : end - (LATE / 2) * (end - start);
  const before = residuals(rows, Number.NEGATIVE_INFINITY, start).sort();
  const after = residuals(rows, lateFrom, Number.POSITIVE_INFINITY).sort();
  const edges = edgesOf(before, after);
  const [old, recent] = [shares(before, edges), shares(after, edges)];
  let gain = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    const from = start + (slice * (lateFrom - start)) / SLICES;
    const to = from + (lateFrom - start) / SLICES;
    const way = Math.min(1, ((from + to) / 2 - start) / (arrival - start));
    const counts = countsIn(residuals(rows, from, to), edges);
    const moved = shares(between(before, after, way), edges);
    gain += counts.reduce((sum, count, bin) => {
      const mixed = (1 - way) * (old[bin] ?? 0) + way * (recent[bin] ?? 0);
      return sum + count * Math.log(mixed / (moved[bin] ?? 1));
    }, 0);
  }
  return gain;
}

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

/** Of sorted values, between the two nearest. */
function quantile(sorted: Float64Array, share: number): number {
  const place = Math.max(0, Math.min(sorted.length - 1, share * sorted.length - 0.5));
  const [low, high] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return low + (high - low) * (place - Math.floor(place));
}

/** The distribution part of the way from one to the other: every quantile moves in a straight line. */
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

/** Shares of the bins, none of them 0. */
const shares = (values: Float64Array, edges: readonly number[]): readonly number[] =>
  countsIn(values, edges).map((count) => (count + 0.5) / (values.length + BINS / 2));
