import type { ColumnPast } from './past.js';
import { explainedBy } from './row-evidence.js';

/** Whether another column explains a value's share. That needs rows, which are read only in the second look. */
export function isExplained(column: ColumnPast, has: (value: number | string | null) => boolean): boolean {
  const { rows, now, suspects } = column;
  return rows !== undefined && explainedBy(rows, now.name, has, suspects ?? new Set()) !== undefined;
}
