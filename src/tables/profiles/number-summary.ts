import { type CellLookup, searchEdges, stretchOf } from '../cell-lookup.js';

/** Larger values would overflow sums and squares. */
const SUMMABLE = 1e150;

/** What one pass over a number column finds out. */
export interface NumberSummary {
  readonly missing: number;
  /** NaN and +infinity, and −infinity. */
  readonly above: number;
  readonly below: number;
  readonly zeros: number;
  readonly negatives: number;
  /** Of the finite values. Without one, `min` is +infinity and `max` −infinity. */
  readonly min: number;
  readonly max: number;
  /** Of the values whose squares can be summed: how many, their mean, and their squared distances from it. */
  readonly summed: number;
  readonly mean: number;
  readonly squares: number;
}

/** Mutable: a new object for each two thousand values would cost more than counting them. */
export type GrowingSummary = { -readonly [Key in keyof NumberSummary]: NumberSummary[Key] };

/** The summary of no values. */
export const createSummary = (): GrowingSummary => ({
  missing: 0,
  above: 0,
  below: 0,
  zeros: 0,
  negatives: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  summed: 0,
  mean: 0,
  squares: 0,
});

/**
 * Adds the first `rows` of these values. With `hasNull` NaN stands for a missing value; else it is a value like +infinity. The
 * same loop counts finite values in the cells, since reading them is the main cost. Sums are taken around a value near the mean and combined by
 * the update of Chan, Golub and LeVeque (1979), so that a large mean costs no digits.
 */
export function addValues(
  summary: GrowingSummary,
  values: Float64Array,
  { rows, cells, hasNull }: { readonly rows: number; readonly cells: CellLookup; readonly hasNull: boolean },
): void {
  const center = summary.summed > 0 ? summary.mean : firstSummable(values, rows);
  const { bounds, first, lowest, scale, counts } = cells;
  let { min, max } = summary;
  let nan = 0;
  let above = 0;
  let below = 0;
  let zeros = 0;
  let negatives = 0;
  let n = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? 0;
    if (value - value !== 0) {
      if (value > 0) above++;
      else if (value < 0) below++;
      else nan++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    // Without a branch: for mixed signs half of the branch predictions would be wrong.
    zeros += Number(value === 0);
    negatives += Number(value < 0);
    if (value < SUMMABLE && value > -SUMMABLE) {
      const off = value - center;
      sum += off;
      squares += off * off;
      n++;
    }
    // The body of countInCell, inlined by hand: V8 does not always inline it, and a call boxes the value.
    const stretch = stretchOf((value - lowest) * scale);
    let cell = first[stretch] ?? 0;
    if ((bounds[cell] ?? 0) < value) cell = searchEdges(bounds, cell + 1, first[stretch + 1] ?? 0, value);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  summary.missing += hasNull ? nan : 0;
  summary.above += hasNull ? above : above + nan;
  summary.below += below;
  summary.zeros += zeros;
  summary.negatives += negatives;
  summary.min = min;
  summary.max = max;
  if (n > 0) addPiece(summary, { n, mean: center + sum / n, squares: Math.max(0, squares - (sum * sum) / n) });
}

function addPiece(
  summary: GrowingSummary,
  piece: { readonly n: number; readonly mean: number; readonly squares: number },
): void {
  const delta = piece.mean - summary.mean;
  const summed = summary.summed + piece.n;
  summary.squares += piece.squares + delta * delta * ((summary.summed * piece.n) / summed);
  summary.mean += (delta * piece.n) / summed;
  summary.summed = summed;
}

function firstSummable(values: Float64Array, rows: number): number {
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? 0;
    if (value < SUMMABLE && value > -SUMMABLE) return value;
  }
  return 0;
}
