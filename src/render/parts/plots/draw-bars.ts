import type { CategoriesShape } from '../../../domain/plot.js';
import type { Line, Tone } from '../../../domain/view.js';
import { dim, toned } from '../parts.js';
import { printable } from '../printable.js';
import { padToColumns, shorten, widest } from '../width.js';
import { shareText } from './draw-histogram.js';
import type { Marks } from './marks.js';

const LONGEST_NAME = 24;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Two bars for each value: the reference above, the current window below. The longest bar takes the whole width. */
export function drawBars({ cells }: CategoriesShape, columns: number, marks: Marks): readonly Line[] {
  const longest = Math.max(...cells.flatMap(({ reference, current }) => [reference, current]));
  const names = cells.map(({ name }) => shorten(printable(name), LONGEST_NAME));
  const margin = widest(names);
  const room = Math.max(1, columns - margin - SHARE_COLUMNS - 4);
  const bar = (name: string, share: number, one: { readonly text: string; readonly tone: Tone }): Line => [
    dim(padToColumns(name, margin)),
    dim(` ${marks.border}`),
    toned(one.text, one.tone),
    ` ${shareText(share)}`,
  ];
  return cells.flatMap(({ reference, current }, i) => [
    bar(names[i] ?? '', reference, { text: filled(reference / longest, room, marks), tone: 'dim' }),
    bar('', current, { text: dotted(current / longest, room, marks), tone: 'warn' }),
  ]);
}

/** Columns of `12.3 %`. */
const SHARE_COLUMNS = 6;

/** A bar in eighths of a column. */
function filled(length: number, room: number, { isUnicode, reference }: Marks): string {
  if (!(length > 0)) return '';
  if (!isUnicode) return reference.repeat(Math.max(1, Math.round(length * room)));
  const eighths = Math.max(1, Math.round(length * room * 8));
  return reference.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** A bar in halves of a column. */
function dotted(length: number, room: number, { isUnicode, current }: Marks): string {
  if (!(length > 0)) return '';
  if (!isUnicode) return current.repeat(Math.max(1, Math.round(length * room)));
  const halves = Math.max(1, Math.round(length * room * 2));
  return current.repeat(Math.floor(halves / 2)) + (halves % 2 === 0 ? '' : '⡇');
}
