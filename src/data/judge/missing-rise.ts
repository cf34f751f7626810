import { isExplained } from './explained.js';
import { type Fault, unclear } from './fault.js';
import { percent } from './finding.js';
import { type ColumnPast, isSurprising, missingShare, usualShare } from './past.js';

/** A rise of the missing share by less is not worth a word. */
const RISE = 0.05;
/** From this share on a column that was mostly filled counts as lost, … */
const MOSTLY_MISSING = 0.9;
/** … if at most so much of it was missing before. */
const MOSTLY_FILLED = 0.5;
/** About half of the values counts as lost, too, … */
const HALF_MISSING = 0.4;
/** … in a column that was always filled. */
const ALWAYS_FILLED = 0.05;

/**
 * Missing values that rose beyond chance, beyond earlier windows, and beyond what other columns explain. A part of the
 * rows may be a question that is no longer asked. A column that had every value and has lost half of them is broken.
 */
export function missingRise(column: ColumnPast): Fault | undefined {
  const { before, now, past, pastMissing = 0 } = column;
  const is = missingShare(now);
  const was = Math.max(missingShare(before), pastMissing, ...past.map(missingShare));
  const count = now.missing + now.notFinite;
  const isRise = is - was > RISE || (is === 1 && was < 1);
  if (!isRise || !isSurprising(count, now.rows, usualShare(was * before.rows, before.rows))) return undefined;
  if (isExplained(column, (value) => value === null)) return undefined;
  const fault: Fault = {
    code: is === 1 ? 'all-missing' : 'missing-rose',
    severity: 'error',
    detail: is === 1 ? 'every value is missing' : `${percent(is)} of the values are missing, it was ${percent(was)}`,
    rows: count,
    selects: { kind: 'missing', column: now.name },
    likelyCause: 'a join, a sensor or a form field that stopped',
    evidence: { before: was, after: is },
  };
  return isLost(was, is) ? fault : unclear(fault, 'the value is no longer asked for, or not of everybody');
}

const isLost = (was: number, is: number): boolean =>
  is === 1 || (is >= MOSTLY_MISSING && was <= MOSTLY_FILLED) || (is >= HALF_MISSING && was <= ALWAYS_FILLED);
