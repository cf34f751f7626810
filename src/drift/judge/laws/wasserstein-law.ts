import { pearsonPoint, pearsonTail } from '../../../statistics/special-functions.js';
import type { WassersteinGrid } from '../distances/wasserstein.js';
import type { NoDriftLaw } from './no-drift-law.js';

const GRID_POINTS = 64;
/** Skew of |z| for a normal z. No weighted sum of positively correlated ones has more. */
const SKEW = 0.995;

/**
 * Law of the unscaled Wasserstein-1 distance when nothing has changed: √e·∫|B(F(x))| dx, with B a Brownian bridge (del
 * Barrio, Giné and Matrán 1999). Mean and variance come from the joint normal law of its values on a grid. The skew is
 * an upper bound, so the limit is rather a few percent too large than too small.
 */
export function wassersteinLaw(
  grid: WassersteinGrid,
  e: number,
  options: { readonly alpha: number; readonly seen: number },
): NoDriftLaw {
  const steps = merged(grid.steps);
  const spreads = steps.map((step) => step.width * Math.sqrt(step.below * (1 - step.below) * e));
  const mean = Math.sqrt(2 / Math.PI) * spreads.reduce((sum, spread) => sum + spread, 0);
  let variance = 0;
  steps.forEach((one, i) => {
    for (let j = i; j < steps.length; j++) {
      const other = steps[j] ?? one;
      const odds = (one.below * (1 - other.below)) / Math.max(1e-300, other.below * (1 - one.below));
      const rho = Math.min(1, Math.sqrt(Math.max(0, odds)));
      const shape = (2 / Math.PI) * (Math.sqrt(1 - rho * rho) + rho * Math.asin(rho) - 1);
      variance += (i === j ? 1 : 2) * (spreads[i] ?? 0) * (spreads[j] ?? 0) * shape;
    }
  });
  const moments = { mean, sd: Math.sqrt(variance), skew: SKEW };
  return { mean, limit: pearsonPoint(options.alpha, moments), pValue: pearsonTail(options.seen, moments) };
}

/** Joins neighbouring steps, to at most 64. */
function merged(steps: WassersteinGrid['steps']): WassersteinGrid['steps'] {
  const size = Math.ceil(steps.length / GRID_POINTS);
  if (size <= 1) return steps;
  return Array.from({ length: Math.ceil(steps.length / size) }, (_, i) => {
    const part = steps.slice(i * size, (i + 1) * size);
    const width = part.reduce((sum, step) => sum + step.width, 0);
    const below = part.reduce((sum, step) => sum + step.below * step.width, 0) / width;
    return { width, below, difference: 0 };
  });
}
