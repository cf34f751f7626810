import { type Cells, total } from '../domain/distribution.js';
import { seededNormal } from '../domain/random.js';

export interface NoDriftLaw {
  readonly mean: number;
  readonly limit: number;
  /** Share of no-drift draws at least as far apart as what was seen. */
  readonly pValue: number;
}

const DRAWS = 2000;

/**
 * How far apart two windows of these sizes lie when nothing has changed: a seeded parametric bootstrap from the pooled
 * shares, each cell's difference normal with variance p(1 − p)(1/n + 1/m). `limit` is exceeded with probability alpha;
 * beyond what the draws can show, the tail is continued as a normal one.
 */
export function noDriftLaw(cells: Cells, alpha: number, seen: number): NoDriftLaw {
  const [n, m] = [total(cells.reference), total(cells.current)];
  const spreads = cells.reference.map((count, i) => {
    const p = (count + (cells.current[i] ?? 0)) / (n + m);
    return Math.sqrt(p * (1 - p) * (1 / n + 1 / m));
  });
  const normal = seededNormal(spreads.length * 7919 + 17);
  const draws = Array.from(
    { length: DRAWS },
    () => spreads.reduce((sum, spread) => sum + Math.abs(normal()) * spread, 0) / 2,
  ).sort((a, b) => a - b);
  const mean = total(draws) / DRAWS;
  const sd = Math.sqrt(draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / DRAWS);
  const kept = Math.max(alpha, 1 / DRAWS);
  const quantile = draws[Math.min(DRAWS - 1, Math.ceil((1 - kept) * DRAWS) - 1)] ?? mean;
  const beyond = Math.max(0, Math.sqrt(-2 * Math.log(alpha)) - Math.sqrt(-2 * Math.log(kept)));
  const asFar = draws.filter((draw) => draw >= seen).length;
  return { mean, limit: quantile + beyond * sd, pValue: (asFar + 1) / (DRAWS + 1) };
}
