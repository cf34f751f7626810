import type { ColumnContext } from '../../domain/data/drift.js';
import { midRanks } from '../../statistics/ranks.js';

/** Fewer pairs give no usable correlation. */
const LEAST_PAIRS = 100;
/** Columns with a weaker correlation are not companions. */
const LEAST_CORRELATION = 0.3;
/** A correlation is broken if it lost this share of itself, and more than chance explains. */
const LOST = 0.3;
const SIGMAS = 4;

type RankCorrelation = NonNullable<ColumnContext['correlation']>;

type Sample = ReadonlyMap<string, readonly (number | string | null)[]>;

/**
 * Spearman's rank correlation with the column's closest companion in the reference, then and now. A change in the world
 * moves columns together; a fault in one column breaks its relation to others. `undefined` if it had no companion.
 */
export function companion(name: string, reference: Sample, current: Sample): RankCorrelation | undefined {
  let best: { readonly with: string; readonly before: number } | undefined;
  for (const other of reference.keys()) {
    if (other === name || !current.has(other)) continue;
    const before = spearman(reference, name, other)?.value ?? 0;
    if (Math.abs(before) > Math.abs(best?.before ?? LEAST_CORRELATION)) best = { with: other, before };
  }
  if (best === undefined) return undefined;
  const after = spearman(current, name, best.with);
  if (after === undefined) return undefined;
  const isSmaller = after.value * Math.sign(best.before) < (1 - LOST) * Math.abs(best.before);
  const apart = Math.abs(Math.atanh(clamp(best.before)) - Math.atanh(clamp(after.value)));
  return {
    ...best,
    after: after.value,
    isBroken: isSmaller && apart > SIGMAS * Math.sqrt(1.06 / (after.pairs - 3)),
  };
}

const clamp = (value: number): number => Math.max(-0.999, Math.min(0.999, value));

function spearman(
  sample: Sample,
  a: string,
  b: string,
): { readonly value: number; readonly pairs: number } | undefined {
  const [first, second] = [sample.get(a) ?? [], sample.get(b) ?? []];
  const kept = [...first.keys()].filter((i) => isFigure(first[i]) && isFigure(second[i]));
  if (kept.length < LEAST_PAIRS) return undefined;
  const [x, y] = [first, second].map((values) => midRanks(kept.map((i) => Number(values[i]))));
  const middle = (kept.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < kept.length; i++) {
    const [dx, dy] = [(x?.[i] ?? 0) - middle, (y?.[i] ?? 0) - middle];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? undefined : { value: xy / Math.sqrt(xx * yy), pairs: kept.length };
}

const isFigure = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
