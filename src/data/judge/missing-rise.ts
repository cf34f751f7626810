import type { ColumnProfile } from '../../domain/data/profile.js';
import { missingFloatSql, type RowSelection } from '../../domain/data/row-selection.js';
import { isDivided, isExplained } from './explained.js';
import { type Fault, unclear } from './fault.js';
import { percent } from './finding.js';
import { type ColumnPast, isSurprising, missingShare, usualShare } from './past.js';

/** A smaller rise of the missing share is not reported. */
const RISE = 0.05;
/** A column is lost if at least this share of it is missing … */
const MOSTLY_MISSING = 0.9;
/** … and at most this share was missing before. */
const MOSTLY_FILLED = 0.5;
/** A column is also lost if at least this share of it is missing … */
const HALF_MISSING = 0.4;
/** … and it was always filled up to this share. */
const ALWAYS_FILLED = 0.05;

/**
 * A rise of missing values (NULL, NaN or infinite) beyond chance, beyond earlier windows, and beyond what other columns
 * explain. It is unclear if only a part of the rows lost the value: the question may no longer be asked of them. It is a
 * fault if a mostly filled column lost nearly all of its values, or if an always filled one lost about half and no other
 * column says which half.
 */
export function missingRise(column: ColumnPast): Fault | undefined {
  const { before, now, past, pastMissing = 0 } = column;
  const is = missingShare(now);
  const was = Math.max(missingShare(before), pastMissing, ...past.map(missingShare));
  const count = now.missing + now.notFinite;
  const isRise = is - was > RISE || (is === 1 && was < 1);
  if (!isRise || !isSurprising(count, now.rows, usualShare(was * before.rows, before.rows))) return undefined;
  if (isExplained(column, (value) => value === null)) return undefined;
  const missing = now.notFinite === 0 ? 'missing' : 'missing or not finite';
  const fault: Fault = {
    code: is === 1 ? 'all-missing' : 'missing-rose',
    severity: 'error',
    detail:
      is === 1 ? `every value is ${missing}` : `${percent(is)} of the values are ${missing}, it was ${percent(was)}`,
    rows: count,
    ...rowsWithout(now),
    likelyCause: 'a join, a sensor or a form field that stopped',
    evidence: { before: was, after: is },
  };
  const isFault = isLost(was, is) && (is >= MOSTLY_MISSING || !isDivided(column, (value) => value === null));
  return isFault ? fault : unclear(fault, 'the value is no longer asked for, or not of everybody');
}

/** The rows without a value. NaN is none, but it is not NULL; only columns of type FLOAT and DOUBLE have it. */
function rowsWithout({ name, sqlType, notFinite }: ColumnProfile): {
  readonly selects: RowSelection;
  readonly sql?: string;
} {
  if (notFinite === 0) return { selects: { kind: 'missing', column: name } };
  return {
    selects: { kind: 'breaks', predicate: { kind: 'present', column: name }, sqlType },
    sql: missingFloatSql(name),
  };
}

const isLost = (was: number, is: number): boolean =>
  is === 1 || (is >= MOSTLY_MISSING && was <= MOSTLY_FILLED) || (is >= HALF_MISSING && was <= ALWAYS_FILLED);
