import type { ColumnPast } from './past.js';
import { confinedTo, dividedBy, explainedBy, movedBeside } from './row-evidence.js';

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

/** Whether nearly all rows with a value have one kind of another column, in which most rows have it. That needs rows, too. */
export function isConfined(column: ColumnPast, has: (value: number | string | null) => boolean): boolean {
  const { rows, now, suspects } = column;
  return rows !== undefined && confinedTo(rows, now.name, has, suspects ?? new Set()) !== undefined;
}

/** From this distance on, another season or another regime has come. */
const OTHER_SEASON = 0.5;

/** Whether another measure has moved so far that the season is another. That needs rows, too. */
export function isOtherSeason({ rows, now, suspects }: ColumnPast): boolean {
  return rows !== undefined && movedBeside(rows, now.name, suspects ?? new Set(), OTHER_SEASON) !== undefined;
}
