import { type Fault, unclear } from '../fault.js';
import { percent } from '../finding.js';
import { findNewValues, listDistance, listLimit, type NewValues } from '../new-values.js';
import { type ColumnPast, presentRows } from '../past.js';

/** A list of codes has at most this many values. */
const MOST_CODES = 25;
/** Rarer values of the reference need no new code. */
const RARE = 0.003;
/** Fewer rows with new values do not show their shares. */
const LEAST_ROWS = 100;

/**
 * Values that were replaced one for one. There are as many new values as common known ones, with the same shares, and
 * what is left of the known values keeps its shares. M and F become 1 and 2; yes and no become Y and N. Words whose shares do
 * not tell them apart are unclear: any list of as many new kinds could have the same.
 */
export function testRecoding(column: ColumnPast): Fault | undefined {
  const found = findNewValues(column);
  if (found === undefined || found.before.top.length > MOST_CODES) return undefined;
  const rows = presentRows(column.before);
  const common = found.before.top.filter((one) => one.count >= RARE * rows);
  const fresh = found.values.filter((one) => one.count >= RARE * found.rows);
  if (common.length < 2 || fresh.length !== common.length) return undefined;
  if (!hasSameShares(found, { common, fresh })) return undefined;
  const shown = pairsOf(common, fresh);
  const fault: Fault = {
    code: 'recoded',
    severity: 'error',
    detail: `${percent(found.share)} of the values are written otherwise, one for one: ${shown}`,
    likelyCause: 'another list of codes',
    repair: `write them as before: ${shown}`,
    rows: found.rows,
    selects: { kind: 'one-of', column: column.now.name, values: fresh.map((one) => one.value) },
    evidence: { share: found.share, codes: fresh.length },
  };
  const isTelling =
    found.rows >= LEAST_ROWS && (isOtherWriting(common, fresh) || (common.length > 2 && !isEven(common, found.rows)));
  return isTelling ? fault : unclear(fault, 'new kinds have come in place of the known ones');
}

type Lists = Readonly<Record<'common' | 'fresh', NewValues['values']>>;

/** Compares new values with the replaced ones in order of frequency, and the remaining known values with themselves. */
function hasSameShares(found: NewValues, { common, fresh }: Lists): boolean {
  const was = common.map((one) => one.count);
  const is = fresh.map((one) => one.count);
  if (listDistance(was, is) > listLimit(common.length, found.rows)) return false;
  const left = new Map(found.now.top.map((one) => [one.value, one.count]));
  const kept = common.map((one) => left.get(one.value) ?? 0);
  const rows = kept.reduce((sum, one) => sum + one, 0);
  const isGone = rows < RARE * found.rows;
  return isGone || listDistance(was, kept) <= listLimit(common.length, rows);
}

/** Whether all values are about as frequent as each other, so that those of another list may have the same shares. */
const isEven = (list: NewValues['values'], rows: number): boolean =>
  listDistance(
    list.map((one) => one.count),
    list.map(() => 1),
  ) <= listLimit(list.length, rows);

/** Numbers, initials; everything else is a word. */
const NOTATIONS = [/^-?\d+(\.\d+)?$/, /^.{0,2}$/s];

/** Digits for letters, or initials for words: another notation, not other things. */
function isOtherWriting(common: NewValues['values'], fresh: NewValues['values']): boolean {
  const notationOf = (list: NewValues['values']): number =>
    NOTATIONS.findIndex((notation) => list.every((one) => notation.test(one.value)));
  return notationOf(common) !== notationOf(fresh);
}

const pairsOf = (common: NewValues['values'], fresh: NewValues['values']): string =>
  common
    .slice(0, 4)
    .map((one, i) => `${fresh[i]?.value} for ${one.value}`)
    .join(', ');
