import {
  columnSql,
  columnsIn,
  type RowSelection,
  type ValueSelection,
  valuesSql,
} from '../domain/data/row-selection.js';
import { violationSql } from './predicate-sql.js';

/** A SQL condition that is true for the selected rows. A text in it must have been checked by `sqlFault`. */
export function selectionSql(selection: RowSelection | ValueSelection): string {
  if (selection.kind === 'values') return valuesSql(selection);
  if (selection.kind === 'text') return `${selection.sql}\n`;
  if (selection.kind !== 'breaks') return columnSql(selection);
  const column = columnsIn(selection)[0] ?? '';
  return violationSql(selection.predicate, new Map([[column, selection.sqlType ?? '']]));
}
