import type { ColumnProfile } from '../../../domain/data/profile.js';
import { type Fault, unclear } from '../fault.js';
import { percent } from '../finding.js';
import { findNewValues, type NewValues } from '../new-values.js';
import { type ColumnPast, presentRows } from '../past.js';
import { areOfOneKind } from './unit-names.js';

/** Share of the rows with new values whose value must be a known one of the other column. */
const FOREIGN = 0.95;
/** One value of another column may be there by chance: both have "other" now. */
const LEAST_VALUES = 2;
/** Where none came back, two may be: both answer with yes and no. */
const LEAST_ONE_WAY = 3;
/** An exchange brings as many rows one way as the other, except where values are missing. */
const SAME_ROWS = 0.8;
const MOST_LISTED = 50;

/** Values of one column that are new in another. */
interface Foreign {
  readonly to: ColumnPast;
  readonly from: ColumnPast;
  readonly found: NewValues;
  readonly values: readonly string[];
}

/**
 * Text columns that have values of each other, or one that has those of another, where the two had none in common. An exchange is a
 * fault, except between columns of one kind: traffic from A to B turns round. One way alone is unclear.
 */
export function exchangedTexts(columns: readonly ColumnPast[]): ReadonlyMap<ColumnProfile, Fault> {
  const texts = columns
    .filter(({ before, now }) => before.type === 'text' && now.type === 'text')
    .map((column) => ({ column, known: new Set(column.before.categories?.top.map((one) => one.value)) }));
  const all = texts.flatMap((one) => foreignIn(one, texts));
  return new Map(
    all.flatMap((one) => {
      const back = all.find((other) => other.to === one.from && other.from === one.to);
      if (back !== undefined) return [[one.to.now, exchangeFault(one, back)] as const];
      return one.values.length < LEAST_ONE_WAY ? [] : [[one.to.now, movedFault(one)] as const];
    }),
  );
}

interface Known {
  readonly column: ColumnPast;
  readonly known: ReadonlySet<string>;
}

function foreignIn({ column, known: own }: Known, texts: readonly Known[]): readonly Foreign[] {
  const found = findNewValues(column);
  if (found === undefined) return [];
  const from = texts.find(({ column: other, known }) => {
    if (other === column || [...known].some((value) => own.has(value))) return false;
    const foreign = found.values.filter((one) => known.has(one.value));
    return foreign.length >= LEAST_VALUES && foreign.reduce((sum, one) => sum + one.count, 0) >= FOREIGN * found.rows;
  });
  if (from === undefined) return [];
  return [{ to: column, from: from.column, found, values: found.values.map((one) => one.value) }];
}

const nameOf = (column: ColumnPast): string => column.now.name;

const faultOf = ({ to, from, found, values }: Foreign, likelyCause: string, repair: string): Fault => ({
  code: 'exchanged',
  severity: 'error',
  detail: `${percent(found.share)} of the values are known ones of "${nameOf(from)}", which had none in common with it`,
  likelyCause,
  repair,
  rows: found.rows,
  selects:
    values.length > MOST_LISTED
      ? found.rows === presentRows(to.now)
        ? { kind: 'present', column: nameOf(to) }
        : undefined
      : { kind: 'one-of', column: nameOf(to), values },
  evidence: { with: nameOf(from), share: found.share },
});

function exchangeFault(one: Foreign, back: Foreign): Fault {
  const [a, b] = [nameOf(one.to), nameOf(one.from)];
  const [fewer = 0, more = 0] = [one.found.rows, back.found.rows].sort((x, y) => x - y);
  const fault = faultOf(one, `the columns "${a}" and "${b}" were exchanged`, `exchange it with "${b}"`);
  return areOfOneKind(a, b) || fewer < SAME_ROWS * more
    ? unclear(fault, `"${a}" and "${b}" have changed places in the world, as a flow that turns round`)
    : fault;
}

function movedFault(one: Foreign): Fault {
  const [a, b] = [nameOf(one.to), nameOf(one.from)];
  const fault = faultOf(one, `values of "${b}" were written into "${a}"`, `deliver the values of "${a}" itself`);
  return unclear(fault, `the kinds of "${b}" are kinds of "${a}" now, too`);
}
