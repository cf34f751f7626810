import { type Cells, total } from '../../../statistics/distribution.js';
import { type Moments, pearsonPoint, pearsonTail, upperPoint } from '../../../statistics/special-functions.js';
import type { NoDriftLaw } from './no-drift-law.js';

/** With more pooled rows in a cell, its difference is taken as normal. */
const EXACT_ROWS = 80;
/**
 * Light cells follow the sum of the heavy ones with a slope b. For a normal z, |z| − bz has the third cumulant 0.218 +
 * 2.394·b².
 */
const HEAVY_SKEW = 2.394;
/** For at most this many cells, the moves of all sets of cells are bounded: 31 sets for six cells. */
const SUBSET_CELLS = 6;
/** With more cells, only the first term of the correlation between two cells is used. */
const PAIRED_CELLS = 24;

/**
 * Law of the total variation distance of two windows drawn from one distribution, given the pooled counts. As a
 * permutation law it holds for sparse cells and for values that only one window has. A cell of c pooled rows differs by
 * e·(X − cπ), with X binomial(c, π), π = n/(n + m) and e = 1/n + 1/m. Mean, variance (with the correlation between
 * cells) and skew of ½Σ|difference| are summed over the cells and give a Pearson III law. Its 0.1 % limit is within −2
 * % … +6 % of a simulated one from 2 to 1,000 cells (test/drift/judge/laws).
 */
export function tvdLaw(cells: Cells, alpha: number, seen: number): NoDriftLaw {
  const moments = tvdMoments(cells);
  const law = { limit: Math.min(1, pearsonPoint(alpha, moments)), pValue: pearsonTail(seen, moments) };
  const tail = subsetTail(cells);
  if (tail === undefined) return { mean: moments.mean, ...law };
  const limit = tail(law.limit) < alpha ? upperPoint(tail, alpha, [0, law.limit]) : law.limit;
  return { mean: moments.mean, limit, pValue: Math.min(law.pValue, tail(seen)) };
}

/**
 * Bonferroni's bound of the tail for few cells: the distance is the largest move of any set of cells. For two cells
 * this is the exact law, whereas a Pearson III law through three moments of |z| has too long a tail.
 */
function subsetTail({ reference, current }: Cells): ((distance: number) => number) | undefined {
  const [n, m] = [total(reference), total(current)];
  const pooled = reference.map((count, i) => count + (current[i] ?? 0)).filter((count) => count > 0);
  if (pooled.length < 2 || pooled.length > SUBSET_CELLS || n === 0 || m === 0) return undefined;
  const [rows, pi, e] = [n + m, n / (n + m), 1 / n + 1 / m];
  // A set and its complement move by the same amount, so the last cell is in no set.
  const sets = Array.from({ length: 2 ** (pooled.length - 1) - 1 }, (_, set) =>
    total(pooled.filter((_count, i) => ((set + 1) >> i) % 2 === 1)),
  );
  const laws = sets.map((count): Moments => {
    const variance = (count * pi * (1 - pi) * (rows - count)) / (rows - 1);
    const few = Math.min(count, rows - count);
    return { mean: 0, sd: e * Math.sqrt(variance), skew: Math.abs(1 - 2 * pi) / Math.sqrt(few * pi * (1 - pi)) };
  });
  return (distance) => Math.min(1, total(laws.map((law) => 2 * pearsonTail(distance, law))));
}

/** No-drift mean, deviation and skew of the total variation distance. */
export function tvdMoments({ reference, current }: Cells): Moments {
  const [n, m] = [total(reference), total(current)];
  const rows = n + m;
  const pooled = reference.map((count, i) => count + (current[i] ?? 0)).filter((count) => count > 0);
  if (pooled.length < 2 || n === 0 || m === 0) return { mean: 0, sd: 0, skew: 0 };
  const cellOf = absoluteMoments(n / rows);
  const sums = { mean: 0, variance: 0, third: 0, signed: 0, squares: 0, cubes: 0, light: 0, heavy: 0 };
  for (const count of pooled) {
    const cell = cellOf(count);
    // The draw is without replacement, so the spread shrinks by (N − c)/(N − 1).
    const rest = (rows - count) / (rows - 1);
    const spread = cell.square * rest;
    sums.mean += cell.mean * Math.sqrt(rest);
    sums.variance += spread - cell.mean ** 2 * rest;
    sums.third += cell.third * rest ** 1.5;
    sums.signed += cell.signed * rest;
    sums.squares += spread;
    sums.cubes += spread ** 1.5;
    if (count > EXACT_ROWS) sums.heavy += spread ** 1.5;
    else sums.light += spread;
  }
  const pi = n / rows;
  // The rows of all cells sum to n, so the part of |difference| that varies with the difference itself is fixed (Morris
  // 1975).
  const independent = Math.max(0, sums.variance - sums.signed ** 2 / (rows * pi * (1 - pi)));
  const variance = independent + correlation(pooled, rows) * pi * (1 - pi) * rows;
  const free = sums.squares ** 3 / sums.cubes ** 2;
  const slope = sums.light === 0 ? 0 : sums.signed / sums.light;
  const third = (sums.third + HEAVY_SKEW * slope ** 2 * sums.heavy) * (free / Math.max(1, free - 1)) ** 2;
  const skew = variance === 0 ? 0 : third / variance ** 1.5;
  const half = (1 / n + 1 / m) / 2;
  return { mean: sums.mean * half, sd: Math.sqrt(variance) * half, skew: Math.max(0, skew) };
}

interface AbsoluteMoments {
  /** E|d|, E d², third cumulant of |d|, and the covariance of |d| and d, for d = X − cπ. */
  readonly mean: number;
  readonly square: number;
  readonly third: number;
  readonly signed: number;
}

/** Moments of |X − cπ| by count, exact for few rows and normal for many. Results are kept. */
function absoluteMoments(pi: number): (count: number) => AbsoluteMoments {
  const known = new Map<number, AbsoluteMoments>();
  return (count) => {
    const found =
      known.get(count) ??
      (count <= EXACT_ROWS && Number.isInteger(count) ? exactMoments(count, pi) : normalMoments(count, pi));
    known.set(count, found);
    return found;
  };
}

function normalMoments(count: number, pi: number): AbsoluteMoments {
  const square = count * pi * (1 - pi);
  const sd = Math.sqrt(square);
  return {
    mean: Math.sqrt(2 / Math.PI) * sd,
    square,
    third: Math.sqrt(2 / Math.PI) * (4 / Math.PI - 1) * sd ** 3,
    signed: 0,
  };
}

function exactMoments(count: number, pi: number): AbsoluteMoments {
  let chance = (1 - pi) ** count;
  const raw = [0, 0, 0, 0];
  for (let x = 0; x <= count; x++) {
    const d = x - count * pi;
    const a = Math.abs(d);
    raw[0] = (raw[0] ?? 0) + chance * a;
    raw[1] = (raw[1] ?? 0) + chance * a * a;
    raw[2] = (raw[2] ?? 0) + chance * a ** 3;
    raw[3] = (raw[3] ?? 0) + chance * a * d;
    chance *= ((count - x) / (x + 1)) * (pi / (1 - pi));
  }
  const [mean = 0, square = 0, third = 0, signed = 0] = raw;
  return { mean, square, third: third - 3 * mean * square + 2 * mean ** 3, signed };
}

/**
 * Sum over pairs of cells of the covariance of their absolute differences, in units of e·(row). For two normal
 * variables with correlation ρ = −√(pᵢpⱼ/((1−pᵢ)(1−pⱼ))) it is σᵢσⱼ·(2/π)·(√(1−ρ²) + ρ·asin ρ − 1), to first order
 * σᵢσⱼρ²/π.
 */
function correlation(pooled: readonly number[], rows: number): number {
  const shares = pooled.map((count) => count / rows);
  if (shares.length > PAIRED_CELLS) {
    const weights = shares.map((p) => (p * Math.sqrt(p)) / Math.sqrt(Math.max(1e-12, 1 - p)));
    return (total(weights) ** 2 - total(weights.map((w) => w * w))) / Math.PI;
  }
  let sum = 0;
  shares.forEach((p, i) => {
    for (const q of shares.slice(i + 1)) {
      const rho = -Math.min(1, Math.sqrt((p * q) / Math.max(1e-300, (1 - p) * (1 - q))));
      const spread = Math.sqrt(p * (1 - p) * q * (1 - q));
      sum += 2 * spread * (2 / Math.PI) * (Math.sqrt(1 - rho * rho) + rho * Math.asin(rho) - 1);
    }
  });
  return sum;
}
