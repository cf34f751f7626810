import type { Snapshot } from '../../domain/data/snapshot.js';
import type { Failure } from '../../domain/failure.js';
import type { SourcePlace } from '../../domain/pipeline/remote-source.js';

/** The column of times must be among those that are read: names differ by more than their case. */
export function missingColumn(time: string | undefined, { dataset, columns }: Snapshot): Failure | undefined {
  if (time === undefined || columns.some(({ name }) => name.toLowerCase() === time.toLowerCase())) return undefined;
  const names = columns.map(({ name }) => name);
  return { code: 'source-column-missing', source: `dataset "${dataset}"`, column: time, key: 'time', columns: names };
}

/** Databases with types for times. SQLite has none, and looks at its times itself. */
const TYPED = new Set(['postgres', 'mysql', 'duckdb']);
const MOMENT = /^(TIMESTAMP|DATE\b)/;

/**
 * A database compares a column of texts with the bounds of a window letter by letter, and one of numbers by whatever number a
 * bound begins with: rows fall into wrong windows, or into none.
 */
export function uncastTime(
  time: string | undefined,
  place: SourcePlace,
  { dataset, columns }: Snapshot,
): Failure | undefined {
  if (time === undefined || !TYPED.has(place.kind) || !('query' in place)) return undefined;
  const isWindowed = place.query.some((part) => typeof part !== 'string' && part.bind !== 'param');
  const column = columns.find(({ name }) => name.toLowerCase() === time.toLowerCase());
  if (!isWindowed || column === undefined || column.isEmpty === true || MOMENT.test(column.type)) return undefined;
  const { name, type } = column;
  return { code: 'source-time-unfit', source: `dataset "${dataset}"`, column: name, kind: 'uncast', format: type };
}
