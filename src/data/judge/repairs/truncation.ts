import type { Fault } from '../fault.js';
import { percent } from '../finding.js';
import { type Counted, findNewValues, listDistance, listLimit } from '../new-values.js';
import type { ColumnPast } from '../past.js';

/** Share of the rows with new values that must be cut texts. */
const CUT = 0.95;

/**
 * Texts cut to a length. All new values have the same length and are beginnings of longer known values, with the shares
 * that those had.
 */
export function testTruncation(column: ColumnPast): Fault | undefined {
  const found = findNewValues(column);
  if (found === undefined) return undefined;
  const length = lengthOf(found.values[0]?.value ?? '');
  const beginnings = countBeginnings(found.before.top, length);
  // A known value that is short enough is its own beginning.
  for (const { value } of found.before.top) beginnings.delete(value);
  const cut = found.values.filter((one) => beginnings.has(one.value));
  const rows = cut.reduce((sum, one) => sum + one.count, 0);
  if (length === 0 || rows < CUT * found.rows) return undefined;
  const seen = new Map(cut.map((one) => [one.value, one.count]));
  const counts = [...beginnings.keys()].map((value) => seen.get(value) ?? 0);
  if (listDistance([...beginnings.values()], counts) > listLimit(beginnings.size, found.rows)) return undefined;
  const characters = length === 1 ? '1 character' : `${length} characters`;
  return {
    code: 'truncated',
    severity: 'error',
    detail: `${percent(found.share)} of the values are the first ${characters} of known ones`,
    likelyCause: `texts cut to ${characters}`,
    repair: 'deliver the whole text',
    rows,
    selects: {
      kind: 'one-of',
      column: column.now.name,
      length,
      values: cut.slice(0, MOST_LISTED).map((one) => one.value),
    },
    evidence: { share: found.share, length },
  };
}

/** A statement lists at most this many values by name. */
const MOST_LISTED = 50;

/** Number of characters, as DuckDB counts them. */
const lengthOf = (value: string): number => [...value].length;

/** Rows by the first characters of their values. */
function countBeginnings(values: readonly Counted[], length: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { value, count } of values) {
    const beginning = [...value].slice(0, length).join('');
    counts.set(beginning, (counts.get(beginning) ?? 0) + count);
  }
  return counts;
}
