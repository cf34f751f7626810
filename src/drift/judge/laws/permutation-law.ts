import { type Cells, total } from '../../../statistics/distribution.js';
import { seededRandom } from '../../../statistics/random.js';
import { type Moments, pearsonPoint, pearsonTail } from '../../../statistics/special-functions.js';
import type { NoDriftLaw } from './no-drift-law.js';

const DRAWS = 2000;
/**
 * If one window is this much smaller than the other, its rows are drawn with replacement: hardly any row would be drawn
 * twice.
 */
const SMALL_PART = 50;

/**
 * Law of any distance between two windows, given the pooled counts. The rows are dealt again to windows of the same
 * sizes, 2,000 times with a fixed seed. A Pearson III law is fitted to the mean, deviation and skew of the distances.
 * For few rows, where the laws for many rows are not precise.
 */
export function permutationLaw(
  cells: Cells,
  distance: (cells: Cells) => number,
  options: { readonly alpha: number; readonly seen: number },
): NoDriftLaw {
  const moments = momentsOf(redeal(cells, distance));
  return {
    mean: moments.mean,
    limit: pearsonPoint(options.alpha, moments),
    pValue: pearsonTail(options.seen, moments),
  };
}

/** Distances between windows that were dealt at random. */
function redeal({ reference, current }: Cells, distance: (cells: Cells) => number): readonly number[] {
  const pooled = reference.map((count, i) => count + (current[i] ?? 0));
  const [n, m] = [total(reference), total(current)];
  const deal = dealer(pooled, Math.min(n, m));
  return Array.from({ length: DRAWS }, () => {
    const drawn = deal();
    const rest = pooled.map((count, i) => Math.max(0, count - (drawn[i] ?? 0)));
    return distance(n <= m ? { reference: drawn, current: rest } : { reference: rest, current: drawn });
  });
}

/** Draws `rows` rows from the pooled cells. */
function dealer(pooled: readonly number[], rows: number): () => readonly number[] {
  const random = seededRandom(2017);
  const all = total(pooled);
  if (all <= SMALL_PART * rows) {
    const labels = Int32Array.from(pooled.flatMap((count, i) => new Array<number>(Math.round(count)).fill(i)));
    return () => {
      const counts = new Array<number>(pooled.length).fill(0);
      // The first places of a Fisher–Yates shuffle. Each draw continues from the order that the last one left.
      for (let place = 0; place < rows; place++) {
        const from = place + Math.floor(random() * (labels.length - place));
        const label = labels[from] ?? 0;
        labels[from] = labels[place] ?? 0;
        labels[place] = label;
        counts[label] = (counts[label] ?? 0) + 1;
      }
      return counts;
    };
  }
  const sums: number[] = [];
  for (const count of pooled) sums.push((sums.at(-1) ?? 0) + count);
  return () => {
    const counts = new Array<number>(pooled.length).fill(0);
    for (let row = 0; row < rows; row++) {
      const at = random() * all;
      const cell = sums.findIndex((sum) => at < sum);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    return counts;
  };
}

function momentsOf(values: readonly number[]): Moments {
  const mean = total(values) / values.length;
  const sd = Math.sqrt(total(values.map((value) => (value - mean) ** 2)) / values.length);
  const skew = sd === 0 ? 0 : total(values.map((value) => ((value - mean) / sd) ** 3)) / values.length;
  return { mean, sd, skew: Math.max(0, skew) };
}
