import { flatLikelihood, type Stream } from './stream.js';

/** Items of constant level, from `from` (included) to `to` (excluded). */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/** Candidate ends of segments. The ends found are moved to their exact item afterwards. */
const CELLS = 400;

/** Log-likelihood that a further change must gain: 1.5·ln n (modified BIC, Zhang and Siegmund 2007). */
export const changePenalty = (items: number): number => 1.5 * Math.log(items);

/**
 * Cuts the stream into segments of constant level: the partition of greatest penalised likelihood, by dynamic
 * programming (Jackson et al. 2005) over at most 400 cells. Then every end is moved to its most likely item.
 */
export function findSegments(stream: Stream): readonly Segment[] {
  const n = stream.values.length;
  const size = Math.max(1, Math.ceil(n / CELLS));
  const ends = Array.from({ length: Math.ceil(n / size) + 1 }, (_, i) => Math.min(n, i * size));
  const penalty = changePenalty(n);
  const best = new Float64Array(ends.length);
  const cut = new Int32Array(ends.length);
  for (let end = 1; end < ends.length; end++) {
    best[end] = Number.NEGATIVE_INFINITY;
    for (let start = 0; start < end; start++) {
      const value = (best[start] ?? 0) - penalty + flatLikelihood(stream, ends[start] ?? 0, ends[end] ?? 0);
      if (value > (best[end] ?? 0)) {
        best[end] = value;
        cut[end] = start;
      }
    }
  }
  const bounds: number[] = [];
  for (let end = ends.length - 1; end > 0; end = cut[end] ?? 0) bounds.unshift(ends[end] ?? 0);
  return sharpen(stream, toSegments([0, ...bounds]));
}

const toSegments = (bounds: readonly number[]): readonly Segment[] =>
  bounds.slice(1).map((to, i) => ({ from: bounds[i] ?? 0, to }));

/**
 * Moves each end to its most likely item while the ends next to it stay. A high step inside a cell makes the search cut
 * at both sides of that cell; the end that gains too little afterwards is dropped.
 */
function sharpen(stream: Stream, segments: readonly Segment[]): readonly Segment[] {
  const bounds = [0, ...segments.map((one) => one.to)];
  for (let i = 1; i < bounds.length - 1; i++)
    bounds[i] = likeliestStep(stream, bounds[i - 1] ?? 0, bounds[i + 1] ?? 0).at;
  const sharp = toSegments(bounds);
  const weak = weakestEnd(stream, sharp);
  if (weak === undefined) return sharp;
  return sharpen(stream, toSegments(bounds.filter((_, i) => i !== weak + 1)));
}

/** The segment whose end gains least, if that is less than a change must gain. */
function weakestEnd(stream: Stream, segments: readonly Segment[]): number | undefined {
  const gains = segments.slice(1).map(({ from: at, to }, i) => {
    const from = segments[i]?.from ?? 0;
    return flatLikelihood(stream, from, at) + flatLikelihood(stream, at, to) - flatLikelihood(stream, from, to);
  });
  const least = Math.min(...gains);
  return least < changePenalty(stream.values.length) ? gains.indexOf(least) : undefined;
}

export interface StepFit {
  /** First item of the new level. */
  readonly at: number;
  readonly likelihood: number;
  /** Items at which the step may lie, with 95 % confidence. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * A step may lie where the log-likelihood is lower by at most this: 95 % of the limit law (1 − e^(−c/2))² (Hinkley
 * 1970), c/2.
 */
const STEP_MARGIN = 3.68;

/** The most likely place of one step between two items, by likelihood ratio. */
export function likeliestStep(stream: Stream, from: number, to: number): StepFit {
  const places = Array.from({ length: to - from - 1 }, (_, i) => from + 1 + i);
  const profile = places.map((at) => flatLikelihood(stream, from, at) + flatLikelihood(stream, at, to));
  const likelihood = profile.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  const at = places[profile.indexOf(likelihood)] ?? from + 1;
  const likely = places.filter((_, i) => (profile[i] ?? 0) >= likelihood - STEP_MARGIN);
  return { at, likelihood, lower: likely[0] ?? at, upper: likely.at(-1) ?? at };
}
