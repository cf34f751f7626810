import { logLikelihood, type Stream } from './stream.js';

/** A level that moves in a straight line between two items and is constant before and after. */
export interface Ramp {
  readonly start: number;
  readonly end: number;
  readonly before: number;
  readonly after: number;
  readonly likelihood: number;
  /** Items at which the ramp may start, with 95 % confidence (profile likelihood, chi-square with one df). */
  readonly lower: number;
  readonly upper: number;
}

const CELLS = 240;
/** Starts and ends of the first search. The best is then refined. */
const TRIED = 40;
/** Starts on either side of the best, whose likelihood gives the interval. */
const PROFILED = 30;
const MARGIN = 1.92;

interface Cell {
  readonly middle: number;
  readonly count: number;
  readonly sum: number;
}

/** The most likely ramp between two items: levels by least squares, places by search. */
export function likeliestRamp(stream: Stream, from: number, to: number): Ramp {
  const size = Math.max(1, Math.ceil((to - from) / CELLS));
  const cells: readonly Cell[] = Array.from({ length: Math.ceil((to - from) / size) }, (_, i) => {
    const start = from + i * size;
    const end = Math.min(to, start + size);
    const sum = (stream.sums[end] ?? 0) - (stream.sums[start] ?? 0);
    return { middle: (start + end) / 2, count: end - start, sum };
  });
  const at = (cell: number): number => Math.min(to, from + cell * size);
  const tried = new Map<number, Fit>();
  const attempt = (start: number, end: number): void => {
    const key = start * (CELLS + 2) + end;
    if (start < 0 || end <= start || end > cells.length || tried.has(key)) return;
    tried.set(key, fitLevels(stream, cells, at(start), at(end)));
  };
  const best = (): Fit => {
    let found: Fit | undefined;
    for (const fit of tried.values()) if (found === undefined || fit.likelihood > found.likelihood) found = fit;
    if (found === undefined) throw new Error('internal error: no ramp could be tried');
    return found;
  };
  let step = Math.max(1, Math.ceil(cells.length / TRIED));
  for (let start = 0; start < cells.length; start += step)
    for (let end = start + step; end < cells.length + step; end += step) attempt(start, Math.min(end, cells.length));
  for (step = Math.ceil(step / 2); ; step = Math.ceil(step / 2)) {
    const near = best();
    const [start, end] = [Math.round((near.start - from) / size), Math.round((near.end - from) / size)];
    for (const i of [-step, 0, step]) for (const j of [-step, 0, step]) attempt(start + i, end + j);
    if (step === 1) break;
  }
  const found = best();
  // The profile of the start: every start nearby, each with the ends that suit it.
  const [start, end] = [Math.round((found.start - from) / size), Math.round((found.end - from) / size)];
  for (let i = -PROFILED; i <= PROFILED; i++) for (const j of [-12, -8, -4, 0, 4, 8, 12]) attempt(start + i, end + j);
  const likely = [...tried.values()].filter((fit) => fit.likelihood >= found.likelihood - MARGIN);
  return {
    ...found,
    lower: Math.min(...likely.map((fit) => fit.start)),
    upper: Math.max(...likely.map((fit) => fit.start)),
  };
}

type Fit = Omit<Ramp, 'lower' | 'upper'>;

/** Share of the way from before to after. */
const shareAt = (item: number, start: number, end: number): number =>
  Math.max(0, Math.min(1, (item - start) / (end - start)));

function fitLevels(stream: Stream, cells: readonly Cell[], start: number, end: number): Fit {
  let [n, x, g, gg, gx] = [0, 0, 0, 0, 0];
  for (const { middle, count, sum } of cells) {
    const share = shareAt(middle, start, end);
    n += count;
    x += sum;
    g += count * share;
    gg += count * share * share;
    gx += share * sum;
  }
  const spread = gg - (g * g) / n;
  const rise = spread === 0 ? 0 : (gx - (g * x) / n) / spread;
  const before = (x - rise * g) / n;
  let likelihood = 0;
  for (const { middle, count, sum } of cells)
    likelihood += logLikelihood(stream, before + rise * shareAt(middle, start, end), count, sum);
  return { start, end, before, after: before + rise, likelihood };
}

/**
 * Whether two worlds alternate within a ramp with a growing share of the new one, rather than one world moving. For
 * numbers, a mixture of the two levels must be more likely than a moving level. For errors of 0 and 1, where single
 * items do not show it, errors must come in runs (correlation of neighbours above 2.58 standard errors). `undefined` if
 * it cannot be decided.
 */
export function doesAlternate(stream: Stream, { start, end, before, after }: Ramp): boolean | undefined {
  const { values, isBits, variance } = stream;
  let [gain, pairs, expected] = [0, 0, 0];
  let [lastResidual, lastVariance] = [0, 0];
  for (let i = start; i < end; i++) {
    const x = values[i] ?? 0;
    const share = shareAt(i + 0.5, start, end);
    const level = before + (after - before) * share;
    if (isBits) {
      pairs += (x - level) * lastResidual;
      lastResidual = x - level;
      const own = Math.max(0, level * (1 - level));
      expected += own * lastVariance;
      lastVariance = own;
    } else {
      const density = (mean: number): number => Math.exp(-((x - mean) ** 2) / (2 * variance));
      const mixed = (1 - share) * density(before) + share * density(after);
      gain += Math.log(Math.max(1e-300, mixed)) + (x - level) ** 2 / (2 * variance);
    }
  }
  if (!isBits) return gain > 0;
  return expected > 0 && pairs > 2.58 * Math.sqrt(expected) ? true : undefined;
}
