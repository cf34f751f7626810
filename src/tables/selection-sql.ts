import { columnIn, columnSql, type RowSelection } from '../domain/data/row-selection.js';
import { violationSql } from './predicate-sql.js';

/** A SQL condition that is true for the selected rows. A text in it must have been checked by `sqlFault`. */
export function selectionSql(selection: RowSelection): string {
  if (selection.kind === 'text') return `${selection.sql}\n`;
  if (selection.kind !== 'breaks') return columnSql(selection);
  const column = columnIn(selection) ?? '';
  return violationSql(selection.predicate, new Map([[column, selection.sqlType ?? '']]));
}
