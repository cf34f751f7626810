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
  const cut = found.known.filter((one) => lengthOf(one.value) > length);
  const known = new Set(found.known.map((one) => one.value));
  const beginnings = countBeginnings(cut, length).filter((one) => !known.has(one.value));
  const expected = new Map(beginnings.map((one) => [one.value, one.count]));
  const isCut = ({ value }: Counted): boolean => expected.has(value);
  const rows = found.values.filter(isCut).reduce((sum, one) => sum + one.count, 0);
  if (length === 0 || rows < CUT * found.rows) return undefined;
  const seen = new Map(found.values.map((one) => [one.value, one.count]));
  const distance = listDistance(
    beginnings.map((one) => one.count),
    beginnings.map((one) => seen.get(one.value) ?? 0),
  );
  if (distance > listLimit(beginnings.length, found.rows)) return undefined;
  return {
    code: 'truncated',
    severity: 'error',
    detail: `${percent(found.share)} of the values are the first ${length} character${length === 1 ? '' : 's'} of known ones`,
    likelyCause: `texts cut to ${length} character${length === 1 ? '' : 's'}`,
    repair: 'deliver the whole text',
    rows,
    selects: {
      kind: 'one-of',
      column: column.now.name,
      length,
      values: found.values
        .filter(isCut)
        .slice(0, MOST_LISTED)
        .map((one) => one.value),
    },
    evidence: { share: found.share, length },
  };
}

/** A statement lists at most this many values by name. */
const MOST_LISTED = 50;

/** Number of characters, as DuckDB counts them. */
const lengthOf = (value: string): number => [...value].length;

function countBeginnings(values: readonly Counted[], length: number): readonly Counted[] {
  const counts = new Map<string, number>();
  for (const { value, count } of values) {
    const beginning = [...value].slice(0, length).join('');
    counts.set(beginning, (counts.get(beginning) ?? 0) + count);
  }
  return [...counts].map(([value, count]) => ({ value, count }));
}
