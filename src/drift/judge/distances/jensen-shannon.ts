import { type Cells, total } from '../../../statistics/distribution.js';

/**
 * Jensen–Shannon distance: the square root of ½·KL(p‖m) + ½·KL(q‖m), m = (p + q)/2, in base 2, so 0…1 (Lin 1991;
 * Endres and Schindelin 2003).
 */
export function jensenShannon({ reference, current }: Cells): number {
  const [n, m] = [total(reference), total(current)];
  const sum = reference.reduce((rest, count, i) => {
    const [p, q] = [count / n, (current[i] ?? 0) / m];
    return rest + half(p, (p + q) / 2) + half(q, (p + q) / 2);
  }, 0);
  return Math.sqrt(Math.max(0, sum / 2 / Math.LN2));
}

const half = (p: number, middle: number): number => (p === 0 ? 0 : p * Math.log(p / middle));
