import type { FeatureDrift } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import type { MethodName } from '../../domain/pipeline/drift-method.js';
import { total } from '../../statistics/distribution.js';
import { alignColumns, type ColumnCells, missingRows } from './cells.js';
import { explainDrift, movedCells } from './explain.js';
import { historyVariation } from './history.js';
import { type Measured, type Method, methodFor } from './methods.js';
import { compareMissing, type MissingShare } from './missing-share.js';
import { type Unseen, unseenValues } from './unseen.js';

/** Fewer present values than this on either side cannot be judged. */
export const LEAST_ROWS = 50;
/** A column most of whose next values will be new (an id, a free text) has no distribution to compare. */
const SPARSE_SHARE = 0.5;
/** New values in so many rows more than expected are a change of their own. */
const UNSEEN_EFFECT = 0.05;

export interface CompareOptions {
  /** How often a column that has not changed may be called drifted. */
  readonly alpha: number;
  readonly role: FeatureDrift['role'];
  readonly method?: MethodName | 'auto';
}

/**
 * One column against its reference. `drift` needs a distance that is worth acting on, that sampling does not explain for
 * these row counts and cells, and that the reference's own history does not explain; or a share of missing or of unseen
 * values that changed as clearly.
 */
export function compareColumn(reference: ColumnProfile, current: ColumnProfile, options: CompareOptions): FeatureDrift {
  const cells = alignColumns(reference, current);
  const kind = cells?.kind ?? (reference.numeric === undefined ? 'categorical' : 'numeric');
  const method = methodFor(options.method ?? 'auto', kind);
  const base = { name: reference.name, kind, role: options.role, method: method.name };
  const missing = compareMissing(reference, current, options.alpha);
  const [n, m] = [reference.rows, current.rows];
  const isMissingMoved = Math.min(n, m) >= LEAST_ROWS && missing.score > missing.threshold;
  const least = Math.min(n - missingRows(reference), m - missingRows(current));
  if (least < LEAST_ROWS)
    return isMissingMoved
      ? missingDrift(base, missing)
      : { ...base, verdict: 'undecided', detail: `${LEAST_ROWS - least} more present values are needed` };
  if (cells === undefined)
    return { ...base, verdict: 'undecided', detail: `${reference.sqlType} and ${current.sqlType} cannot be compared` };
  const sparse = sparseness(reference, cells);
  if (sparse !== undefined)
    return isMissingMoved ? missingDrift(base, missing) : { ...base, verdict: 'undecided', detail: sparse };
  const measured = method.measure(cells, options.alpha);
  if (measured === undefined) {
    const detail = 'too few rows in each value: every cell is rare';
    return isMissingMoved ? missingDrift(base, missing) : { ...base, verdict: 'undecided', detail };
  }
  const verdict = judge({ reference, cells, method, measured, alpha: options.alpha });
  const unseen =
    reference.categories === undefined || current.categories === undefined
      ? undefined
      : unseenValues(reference.categories, current.categories, options.alpha);
  if (verdict.isDrift) {
    const moved = movedCells(cells);
    return {
      ...base,
      ...verdict.figures,
      verdict: 'drift',
      moved,
      detail: explainDrift({ reference, current }, moved, unseen),
    };
  }
  if (unseen !== undefined && isUnseenMoved(unseen)) return unseenDrift(base, unseen, movedCells(cells));
  return isMissingMoved ? missingDrift(base, missing) : { ...base, ...verdict.figures, verdict: 'stable' };
}

interface Judged {
  readonly reference: ColumnProfile;
  readonly cells: ColumnCells;
  readonly method: Method;
  readonly measured: Measured;
  readonly alpha: number;
}

/** The history is looked at only where it decides: a distance below the other limits is stable whatever it says. */
function judge({ reference, cells, method, measured, alpha }: Judged) {
  const { score, least, limit, pValue, unscaled } = measured;
  const bare = Math.max(least, limit);
  const variation = score > bare ? historyVariation(reference, method, { alpha, now: cells }) : 0;
  const threshold = Math.max(least, limit + variation);
  return {
    isDrift: score > threshold,
    figures: { score, threshold, pValue: Math.min(1, pValue), unscaled },
  };
}

type Base = Pick<FeatureDrift, 'name' | 'kind' | 'role' | 'method'>;

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

const missingDrift = (base: Base, missing: MissingShare): FeatureDrift => ({
  ...base,
  method: 'missing_share',
  score: missing.score,
  threshold: missing.threshold,
  pValue: missing.pValue,
  verdict: 'drift',
  moved: [{ cell: 'missing', before: missing.before, after: missing.after }],
  detail: `${percent(missing.after)} of the values are missing, it was ${percent(missing.before)}`,
});

const isUnseenMoved = (unseen: Unseen): boolean =>
  unseen.share > unseen.limit && unseen.share - unseen.expected > UNSEEN_EFFECT;

const unseenDrift = (base: Base, unseen: Unseen, moved: FeatureDrift['moved'] & object): FeatureDrift => ({
  ...base,
  method: 'unseen_share',
  score: unseen.share,
  threshold: Math.max(unseen.limit, unseen.expected + UNSEEN_EFFECT),
  verdict: 'drift',
  moved,
  detail: `${percent(unseen.share)} of the values are new; ${percent(unseen.expected)} were expected to be`,
});

/** Why a category column has too little in each value to be judged, if it has. */
function sparseness(reference: ColumnProfile, cells: ColumnCells): string | undefined {
  const categories = reference.categories;
  if (categories === undefined || cells.kind !== 'categorical') return undefined;
  const rows = total(cells.reference);
  if (categories.singletons / rows > SPARSE_SHARE)
    return `${percent(categories.singletons / rows)} of the values occur once: it looks like an id or free text`;
  const frequent = 1 - (cells.reference.at(-1) ?? 0) / rows;
  return categories.otherRows > 0 && frequent < SPARSE_SHARE
    ? `only ${percent(frequent)} of the rows have a value that is frequent enough to compare`
    : undefined;
}
