import { medianHigh } from '../../../statistics/quantiles.js';

/** A recorded error stream with cumulative sums, so that fitting any part of it takes two subtractions. */
export interface Stream {
  readonly values: Float64Array;
  readonly isBits: boolean;
  /** Variance of the noise around the level. For errors of 0 and 1 it follows from the level instead. */
  readonly variance: number;
  /** Sums of the first i values. */
  readonly sums: Float64Array;
}

/** A value more than this many robust standard deviations away counts as lying at that distance. */
const WILD_SDS = 8;
/** Number of values that the median is taken from: enough for a limit that wild values cannot move. */
const SAMPLED = 50_001;

/** `given` must be finite. Limits wild values, so that a single one does not count as a change. */
export function recordedStream(given: ArrayLike<number>): Stream {
  const raw = Float64Array.from(given);
  const isBits = raw.every((x) => x === 0 || x === 1);
  const values = isBits ? raw : drawIn(raw);
  const steps = values.reduce((sum, x, i) => (i === 0 ? 0 : sum + (x - (values[i - 1] ?? 0)) ** 2), 0);
  // Half the mean squared step between neighbours is the variance, whatever the level does (von Neumann 1941).
  return { values, isBits, sums: sumsOf(values), variance: steps / 2 / Math.max(1, values.length - 1) };
}

/** The stream with some items at a given level instead of their own. */
export function levelled(
  stream: Stream,
  { from, to }: { readonly from: number; readonly to: number },
  level: number,
): Stream {
  const values = stream.values.slice().fill(level, from, to);
  return { ...stream, values, sums: sumsOf(values) };
}

function sumsOf(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  values.forEach((x, i) => {
    sums[i + 1] = (sums[i] ?? 0) + x;
  });
  return sums;
}

function drawIn(values: Float64Array): Float64Array {
  const every = Math.ceil(values.length / SAMPLED);
  const sample = values.filter((_, i) => i % every === 0);
  const middle = medianHigh(sample) ?? 0;
  const deviation = medianHigh(sample.map((x) => Math.abs(x - middle))) ?? 0;
  // 1.4826 converts the median absolute deviation of a normal variable to its standard deviation.
  const reach = WILD_SDS * 1.4826 * deviation;
  // Shifted by the median, so that sums of squares lose no digits.
  const within = (x: number): number => (reach === 0 ? x : Math.max(middle - reach, Math.min(middle + reach, x)));
  return values.map(within);
}

/** Mean of the items from `from` (included) to `to` (excluded). */
export const levelOf = ({ sums }: Stream, from: number, to: number): number =>
  ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);

/**
 * Log-likelihood of one item of value x (or of `count` bits with mean x) at a level, without constants that no fit
 * changes.
 */
export function logLikelihood({ isBits, variance }: Stream, level: number, count: number, sum: number): number {
  if (!isBits) return (level * sum - (level * level * count) / 2) / variance;
  const p = Math.max(1e-9, Math.min(1 - 1e-9, level));
  return sum * Math.log(p) + (count - sum) * Math.log(1 - p);
}

/** Log-likelihood of a segment at its own level. */
export function flatLikelihood(stream: Stream, from: number, to: number): number {
  const sum = (stream.sums[to] ?? 0) - (stream.sums[from] ?? 0);
  return logLikelihood(stream, sum / (to - from), to - from, sum);
}
