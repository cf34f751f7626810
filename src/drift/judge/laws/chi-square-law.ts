import { type Cells, total } from '../../../statistics/distribution.js';
import { chiSquarePoint, chiSquareTail } from '../../../statistics/special-functions.js';
import type { NoDriftLaw } from './no-drift-law.js';

/**
 * Law of a distance that is `factor`·χ² with k − 1 degrees of freedom when nothing has changed (Yurdakul 2018 for PSI;
 * the others by the same expansion): PSI e·χ², Kullback–Leibler e·χ²/2, squared Hellinger and Jensen–Shannon divergence
 * e·χ²/8, with e = 1/n + 1/m. Only for cells that are not sparse (`mergeRare`).
 */
export function chiSquareLaw(
  cells: Cells,
  factor: number,
  options: { readonly alpha: number; readonly seen: number },
): NoDriftLaw {
  const freedom = Math.max(1, cells.reference.length - 1);
  const unit = factor * rowsFactor(cells);
  return {
    mean: unit * freedom,
    limit: unit * chiSquarePoint(options.alpha, freedom),
    pValue: chiSquareTail(options.seen / unit, freedom),
  };
}

/** e = 1/n + 1/m. */
export const rowsFactor = ({ reference, current }: Cells): number => 1 / total(reference) + 1 / total(current);
