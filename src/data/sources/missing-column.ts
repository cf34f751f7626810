import type { Snapshot } from '../../domain/data/snapshot.js';
import type { Failure } from '../../domain/failure.js';

/** The column of times must be among those that are read: names differ by more than their case. */
export function missingColumn(time: string | undefined, { dataset, columns }: Snapshot): Failure | undefined {
  if (time === undefined || columns.some(({ name }) => name.toLowerCase() === time.toLowerCase())) return undefined;
  const names = columns.map(({ name }) => name);
  return { code: 'source-column-missing', source: `dataset "${dataset}"`, column: time, key: 'time', columns: names };
}
