import type { FeatureDrift } from '../../domain/data/drift.js';
import type { ColumnProfile } from '../../domain/data/profile.js';
import type { MethodName } from '../../domain/pipeline/drift-method.js';
import { percentText } from '../../domain/support/percent-text.js';
import { total } from '../../statistics/distribution.js';
import { alignColumns, type ColumnCells, missingRows } from './cells.js';
import { fitsCategories, type Method, methodFor } from './distance-methods.js';
import { categoryPair } from './effects/few-values.js';
import { movedRate, type ValueRate } from './effects/value-rates.js';
import { explainDrift, explainMissing, explainRate, explainUnseen, movedCells } from './explain.js';
import { type Judged, judgeDistance } from './judge-distance.js';
import { compareMissing, type MissingShare } from './missing-share.js';
import { countsUp, tellsTime } from './order/row-order.js';
import { type Unseen, unseenValues } from './unseen.js';

/** With fewer present values on either side a column cannot be judged. */
export const LEAST_ROWS = 50;
/** If more of the next values than this will be new, as in ids or free text, there is no distribution to compare. */
const SPARSE_SHARE = 0.5;
/** How a column's false alarms are divided among the tests that can call it drifted. */
export const ALPHA_SHARES = { distance: 0.85, rate: 0.05, missing: 0.05, unseen: 0.05 } as const;

export interface CompareOptions {
  /** Probability that a column without change is called drifted. */
  readonly alpha: number;
  readonly role: FeatureDrift['role'];
  readonly method?: MethodName | 'auto';
}

type Base = Pick<FeatureDrift, 'name' | 'kind' | 'role' | 'method'>;

/**
 * Compares one column with its reference. It drifts if its distance exceeds three limits: the effect size, what
 * sampling explains for these rows and cells, and the variation within the reference's own history. It also drifts if
 * the share of one value, of missing values or of new values changed as clearly.
 */
export function compareColumn(reference: ColumnProfile, current: ColumnProfile, options: CompareOptions): FeatureDrift {
  const { alpha, role, method: asked = 'auto' } = options;
  const cells = alignColumns(reference, current, { isNumeric: !fitsCategories(asked) });
  const kind = cells?.kind ?? (reference.numeric === undefined ? 'categorical' : 'numeric');
  const method = methodFor(asked, kind);
  const base = { name: reference.name, kind, role, method: method.name };
  const missing = compareMissing(reference, current, alpha * ALPHA_SHARES.missing);
  const doubt = doubtOf(reference, current, cells);
  if (doubt !== undefined || cells === undefined) return movedMissing(base, missing) ?? undecided(base, doubt);
  const judged = judgeDistance({ reference, cells, method, alpha: alpha * distanceShare(cells) });
  if (judged === undefined)
    return (
      movedMissing(base, missing) ??
      undecided(base, { because: 'too-sparse', detail: 'too few rows in each value: every cell is rare' })
    );
  const pair = categoryPair(reference, current);
  const unseen =
    pair === undefined ? undefined : unseenValues(pair.reference, pair.current, alpha * ALPHA_SHARES.unseen);
  const found = drifted(base, { reference, current, cells, judged, unseen }) ?? movedValue(base, cells, judged, alpha);
  return (
    found ??
    movedUnseen(base, unseen, cells) ??
    movedMissing(base, missing) ??
    (judged.isBlind
      ? undecided({ ...base, ...judged.figures }, blind(method, judged))
      : { ...base, ...judged.figures, verdict: 'stable' })
  );
}

/**
 * Tests that cannot raise an alarm pass their share on to the distance: single values in a column of many numbers,
 * missing values where there are none.
 */
function distanceShare({ kind, isByValue, missing }: ColumnCells): number {
  const values = kind === 'numeric' && isByValue !== true ? ALPHA_SHARES.rate + ALPHA_SHARES.unseen : 0;
  const gaps = missing.reference + missing.current === 0 ? ALPHA_SHARES.missing : 0;
  return ALPHA_SHARES.distance + values + gaps;
}

interface Doubt {
  readonly because: NonNullable<FeatureDrift['undecidedBecause']>;
  readonly detail: string;
}

const undecided = (base: Base & Partial<FeatureDrift>, doubt: Doubt | undefined): FeatureDrift => ({
  ...base,
  verdict: 'undecided',
  undecidedBecause: doubt?.because,
  detail: doubt?.detail,
});

/** Why the values of a column cannot be compared, if that is so. */
function doubtOf(reference: ColumnProfile, current: ColumnProfile, cells: ColumnCells | undefined): Doubt | undefined {
  const [n, m] = [reference.rows, current.rows];
  const least = Math.min(n - missingRows(reference), m - missingRows(current));
  if (least < LEAST_ROWS)
    return { because: 'too-few-rows', detail: `${LEAST_ROWS - least} more present values are needed` };
  if (cells === undefined)
    return { because: 'types-differ', detail: `${reference.sqlType} and ${current.sqlType} cannot be compared` };
  if (countsUp(reference, current))
    return {
      because: 'too-sparse',
      detail: 'its values number the rows, and go on where the reference ends: it looks like an id',
    };
  if (tellsTime(reference, current))
    return {
      because: 'too-sparse',
      detail: 'its values tell the time of the rows, and are later than those of the reference',
    };
  const sparse = sparseness(reference, cells);
  return sparse === undefined ? undefined : { because: 'too-sparse', detail: sparse };
}

function blind(method: Method, { figures, isHistory }: Judged): Doubt {
  const limit = Number((figures.threshold ?? 1).toPrecision(3));
  return {
    because: 'blind',
    detail: isHistory
      ? `blind: the reference's own spans differ so much that no window could exceed the limit (${method.name} ${limit})`
      : `blind: with so few rows for so many values no window could exceed the limit (${method.name} ${limit})`,
  };
}

interface Compared {
  readonly reference: ColumnProfile;
  readonly current: ColumnProfile;
  readonly cells: ColumnCells;
  readonly judged: Judged;
  readonly unseen: Unseen | undefined;
}

function drifted(base: Base, { reference, current, cells, judged, unseen }: Compared): FeatureDrift | undefined {
  if (!judged.isDrift) return undefined;
  const moved = movedCells(cells);
  const detail = explainDrift({ reference, current }, cells, { moved, unseen });
  return { ...base, ...judged.figures, verdict: 'drift', moved, detail };
}

function movedValue(base: Base, cells: ColumnCells, judged: Judged, alpha: number): FeatureDrift | undefined {
  const limit = alpha * ALPHA_SHARES.rate;
  const bare = movedRate(cells, limit);
  const rate = bare === undefined ? undefined : movedRate(cells, limit, judged.inflation());
  return rate === undefined ? undefined : rateDrift(base, rate, movedCells(cells));
}

const rateDrift = (base: Base, rate: ValueRate, moved: FeatureDrift['moved']): FeatureDrift => ({
  ...base,
  method: 'value_ratio',
  score: rate.ratio,
  threshold: rate.threshold,
  pValue: rate.pValue,
  verdict: 'drift',
  moved,
  detail: explainRate(rate),
});

const movedMissing = (base: Base, missing: MissingShare): FeatureDrift | undefined =>
  missing.rows < LEAST_ROWS || !(missing.score > missing.threshold)
    ? undefined
    : {
        ...base,
        method: 'missing_share',
        score: missing.score,
        threshold: missing.threshold,
        pValue: missing.pValue,
        verdict: 'drift',
        moved: [{ cell: 'missing', before: missing.before, after: missing.after }],
        detail: explainMissing(missing),
      };

const movedUnseen = (base: Base, unseen: Unseen | undefined, cells: ColumnCells): FeatureDrift | undefined =>
  unseen === undefined || !(unseen.share > unseen.threshold)
    ? undefined
    : {
        ...base,
        method: 'unseen_share',
        score: unseen.share,
        threshold: unseen.threshold,
        verdict: 'drift',
        moved: movedCells(cells),
        detail: explainUnseen(unseen),
      };

/** Why the values of a category column are too rare to be judged, if that is so. */
function sparseness(reference: ColumnProfile, cells: ColumnCells): string | undefined {
  const categories = reference.categories;
  if (categories === undefined || cells.kind !== 'categorical') return undefined;
  const rows = total(cells.reference);
  const words = wordsAmongNumbers(reference);
  if (words !== undefined && categories.singletons / rows > SPARSE_SHARE) return words;
  if (categories.singletons / rows > SPARSE_SHARE)
    return `${percentText(categories.singletons / rows)} of the values occur once: it looks like an id or free text`;
  const frequent = 1 - (cells.reference.at(-1) ?? 0) / rows;
  return categories.otherRows > 0 && frequent < SPARSE_SHARE
    ? `only ${percentText(frequent)} of the rows have a value that is frequent enough to compare`
    : undefined;
}

/** A column of which at least this share are numbers would be numbers without the other values. */
const MOSTLY_NUMBERS = 0.5;
const NUMBER = /^[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i;
const COMMA = /^[+-]?\d*,\d+$/;
const WORD_FOR_MISSING = /^(|[-?.]+|n\/?a|nan|none|null|nil|missing|unknown|undefined)$/i;
/** So many different words may be names for a missing value. More of them are codes with letters. */
const MOST_WORDS = 3;

/** Says what makes text of a column of numbers: words such as NA for a missing value, or decimal commas. */
function wordsAmongNumbers({ text, categories, ...column }: ColumnProfile): string | undefined {
  const share = text?.numberShare ?? 0;
  const top = categories?.top ?? [];
  const hasCommas = top.some((one) => COMMA.test(one.value.trim()));
  if (share < MOSTLY_NUMBERS) return undefined;
  if (share === 1) return hasCommas ? 'the values are numbers, but a decimal comma makes the column text' : undefined;
  const others = top.filter((one) => !NUMBER.test(one.value.trim()));
  // Further words may be too rare to be kept.
  const rows = (1 - share) * (column.rows - missingRows(column));
  const isAll = others.length <= MOST_WORDS && total(others.map((one) => one.count)) >= rows - 0.5;
  const word = others.find((one) => isAll || WORD_FOR_MISSING.test(one.value.trim()))?.value;
  if (word === undefined) return undefined;
  const why = hasCommas ? `a decimal comma and "${word}" make` : `"${word}" makes`;
  return `${percentText(share)} of the values are numbers, but ${why} the column text: leave missing values empty`;
}
