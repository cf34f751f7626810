import type { ColumnPast } from './past.js';
import { dividedBy, explainedBy } from './row-evidence.js';

/** Whether another column explains a value's share. That needs rows, which are read only in the second look. */
export function isExplained(column: ColumnPast, has: (value: number | string | null) => boolean): boolean {
  const { rows, now, suspects } = column;
  return rows !== undefined && explainedBy(rows, now.name, has, suspects ?? new Set()) !== undefined;
}

/** Whether the current values of another column say which rows have a value. That needs rows, too. */
export function isDivided(column: ColumnPast, has: (value: number | string | null) => boolean): boolean {
  const { rows, now, suspects } = column;
  return rows !== undefined && dividedBy(rows, now.name, has, suspects ?? new Set()) !== undefined;
}
