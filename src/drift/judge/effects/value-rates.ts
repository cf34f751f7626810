import { total } from '../../../statistics/distribution.js';
import { binomialTail } from '../../../statistics/special-functions.js';
import type { ColumnCells } from '../cells.js';
import { EFFECTS, shownAbove } from './effect-sizes.js';

/** One value's share in both windows. */
export interface ValueRate {
  readonly value: string;
  readonly before: number;
  readonly after: number;
  /**
   * Larger share divided by the smaller one. Half a row is added to both counts, so that a new value has a ratio, too.
   */
  readonly ratio: number;
  /** The smallest ratio that shows a change above the effect size. */
  readonly threshold: number;
  /** Two-sided, corrected for all values of the column (Bonferroni). */
  readonly pValue: number;
}

interface Counted {
  readonly value: string;
  readonly before: number;
  readonly after: number;
}

/** The cells that hold one value each, with their rows. */
function valuesOf(cells: ColumnCells): readonly Counted[] {
  const at = (i: number, value: string): Counted => ({
    value,
    before: cells.reference[i] ?? 0,
    after: cells.current[i] ?? 0,
  });
  if (cells.kind === 'categorical') return cells.isHashed === true ? [] : cells.values.map((value, i) => at(i, value));
  if (cells.isByValue !== true) return [];
  return cells.edges.slice(1).map((edge, i) => at(i + 1, String(edge)));
}

/** Whether both windows together have two values. Then the rate of the rarer one is judged. */
export const isTwoValued = (cells: ColumnCells): boolean =>
  cells.kind === 'categorical' && valuesOf(cells).filter((one) => one.before + one.after > 0).length === 2;

/**
 * The value whose share changed most certainly, among those that changed by a factor worth acting on. A distance hardly
 * shows rare values: a fraud rate that rises from 2 to 8 % moves 6 rows in a hundred. `inflation`: variance of a share
 * divided by that of independent rows. `undefined` if no value's share changed by such a factor.
 */
export function movedRate(cells: ColumnCells, alpha: number, inflation = 1): ValueRate | undefined {
  const values = valuesOf(cells).filter((one) => one.before + one.after > 0);
  const rows = { before: total(cells.reference), after: total(cells.current) };
  const isTwo = values.length === 2;
  const found = values
    .flatMap((one) => rateOf(one, rows, { isTwo, inflation, tests: isTwo ? 1 : values.length }) ?? [])
    .filter((one) => one.pValue < alpha)
    .sort((a, b) => a.pValue - b.pValue || b.ratio - a.ratio);
  return found[0];
}

function rateOf(
  { value, before, after }: Counted,
  rows: { readonly before: number; readonly after: number },
  { isTwo, inflation, tests }: { readonly isTwo: boolean; readonly inflation: number; readonly tests: number },
): ValueRate | undefined {
  const [p, q] = [before / rows.before, after / rows.after];
  // A ratio to a share of zero is not defined.
  const isRate = isTwo && before > 0 && after > 0;
  if (!isRate && Math.max(p, q) < EFFECTS.value_share) return undefined;
  const [a, b] = [(before + 0.5) / inflation, (after + 0.5) / inflation];
  const log = Math.log(((after + 0.5) / rows.after) * (rows.before / (before + 0.5)));
  const effect = isTwo ? EFFECTS.rate_ratio : EFFECTS.value_ratio;
  const threshold = Math.exp(shownAbove(Math.log(effect), Math.sqrt(1 / a + 1 / b)));
  const ratio = Math.exp(Math.abs(log));
  if (ratio <= threshold) return undefined;
  const chance = rows.after / (rows.before + rows.after);
  const [x, y] = [before / inflation, after / inflation];
  const tail = log > 0 ? binomialTail(y, x + y, chance) : binomialTail(x, x + y, 1 - chance);
  return { value, before: p, after: q, ratio, threshold, pValue: Math.min(1, 2 * tests * tail) };
}
