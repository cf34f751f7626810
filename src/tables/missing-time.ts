import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { err, type Result } from '../domain/support/result.js';
import type { Connection } from './connection.js';
import { columnNames } from './read-table.js';
import { nameOf } from './source-sql.js';

/**
 * Names the reason of a failure where the rows cannot be cut because they have no such time column. DuckDB's own words
 * name neither the key nor the columns.
 */
export async function nameMissingTime<T>(
  connection: Connection,
  source: TableSource,
  result: Result<T, Failure>,
): Promise<Result<T, Failure>> {
  const { from, timeColumn, timeNamedBy = '--time' } = source;
  if (result.ok || timeColumn === undefined) return result;
  if (result.error.code !== 'data-unreadable' || !result.error.reason.startsWith('Binder Error')) return result;
  const names = await columnNames(connection, { from });
  if (!names.ok || names.value.some((name) => name.toLowerCase() === timeColumn.toLowerCase())) return result;
  return err({
    code: 'column-missing',
    source: shortName(source),
    column: timeColumn,
    namedBy: timeNamedBy,
    columns: names.value,
  });
}

/** Of many files the first. */
function shortName(source: TableSource): string {
  const files = source.from.kind === 'files' ? source.from.paths.length : 1;
  if (files === 1) return nameOf(source);
  const [first = ''] = nameOf(source).split(', ');
  return `${first} and ${files - 1} more`;
}
