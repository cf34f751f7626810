import { alignCategories, ksDistance, totalVariation } from '../domain/distribution.js';
import type { FeatureDrift } from '../domain/drift.js';
import type { ColumnProfile } from '../domain/profile.js';
import { ksLimit, ksPValue } from './ks-law.js';
import { noDriftLaw } from './tvd-law.js';

/** Distances below these are too small to act on, however surely they are there (drift.md, section 4). */
const KS_EFFECT = 0.1;
const TVD_EFFECT = 0.05;
/** Fewer present values than this on either side cannot be judged. */
const LEAST_ROWS = 50;

/** One column against its reference. `alpha`: how often a column that has not changed may be called drifted. */
export function compareColumn(
  reference: ColumnProfile,
  current: ColumnProfile,
  options: { readonly alpha: number; readonly role: FeatureDrift['role'] },
): FeatureDrift {
  const isNumeric = reference.numeric !== undefined && current.numeric !== undefined;
  const base = {
    name: reference.name,
    kind: isNumeric ? ('numeric' as const) : ('categorical' as const),
    role: options.role,
    method: isNumeric ? 'ks' : 'tvd',
  };
  const [n, m] = [presentOf(reference), presentOf(current)];
  const least = Math.min(n, m);
  if (least < LEAST_ROWS)
    return { ...base, verdict: 'undecided', detail: `${LEAST_ROWS - least} more present values are needed` };
  if (isNumeric && reference.numeric && current.numeric) {
    const score = ksDistance(reference.numeric.quantiles, current.numeric.quantiles);
    const threshold = Math.max(KS_EFFECT, ksLimit(n, m, options.alpha));
    return judged(base, score, threshold, ksPValue(score, n, m));
  }
  if (reference.categories === undefined || current.categories === undefined)
    return { ...base, verdict: 'undecided', detail: `${reference.sqlType} and ${current.sqlType} cannot be compared` };
  const cells = alignCategories(reference.categories, current.categories);
  const score = totalVariation(cells);
  const law = noDriftLaw(cells, options.alpha, score);
  return judged(base, score, Math.max(law.limit, law.mean + TVD_EFFECT), law.pValue);
}

const judged = (
  base: Pick<FeatureDrift, 'name' | 'kind' | 'role' | 'method'>,
  score: number,
  threshold: number,
  pValue: number,
): FeatureDrift => ({ ...base, score, threshold, pValue, verdict: score > threshold ? 'drift' : 'stable' });

const presentOf = (column: ColumnProfile): number => column.rows - column.missing - column.notFinite;
