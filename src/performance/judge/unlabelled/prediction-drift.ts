/** A smaller distance between predictions is no drift, whatever the number of rows. */
const LEAST = 0.1;
/** Fewer rows on a side give no answer. */
const FEWEST = 50;

export interface PredictionDrift {
  readonly verdict: 'drift' | 'stable' | 'undecided';
  /** Kolmogorov–Smirnov distance, 0…1. */
  readonly score?: number;
  readonly limit?: number;
}

/**
 * Whether a model's outputs moved, by a two-sample test on the predictions alone. It finds shifts that matter to the
 * model better than tests on all of its inputs (Rabanser, Günnemann and Lipton 2019). Limit: an effect of 0.1, or what
 * sampling exceeds one time in a thousand (1.949·sqrt(1/n + 1/m)).
 */
export function comparePredictions(before: Float64Array, after: Float64Array, least = LEAST): PredictionDrift {
  if (before.length < FEWEST || after.length < FEWEST) return { verdict: 'undecided' };
  const score = greatestDistance(before.toSorted(), after.toSorted());
  const limit = Math.max(least, 1.949 * Math.sqrt(1 / before.length + 1 / after.length));
  return { verdict: score > limit ? 'drift' : 'stable', score, limit };
}

/** max |F − G| of two sorted samples. Equal values are passed together. */
function greatestDistance(a: Float64Array, b: Float64Array): number {
  let [i, j, greatest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (a[i] === x) i++;
    while (b[j] === x) j++;
    greatest = Math.max(greatest, Math.abs(i / a.length - j / b.length));
  }
  return greatest;
}
