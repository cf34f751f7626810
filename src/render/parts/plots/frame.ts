import type { Line } from '../../../domain/view.js';
import { dim } from '../parts.js';
import { columnsOf, widest } from '../width.js';
import type { Marks } from './marks.js';

/** Columns of the left border. */
const BORDER = 1;

/** Columns that the labels of an axis leave for the drawing. */
export const roomBeside = (columns: number, labels: readonly string[]): number =>
  Math.max(1, columns - widest(labels) - BORDER - 2);

interface Framed {
  readonly rows: readonly Line[];
  /** One for each row; empty for rows without a tick. */
  readonly labels: readonly string[];
  /** The line below the axis. */
  readonly below: string;
  readonly width: number;
}

/** A drawing with its axes. */
export function framed({ rows, labels, below, width }: Framed, marks: Marks): readonly Line[] {
  const margin = widest(labels);
  const left = (label: string, border: string): string => `${' '.repeat(margin - columnsOf(label))}${label} ${border}`;
  return [
    ...rows.map((row, i): Line => {
      const label = labels[i] ?? '';
      return [dim(left(label, label === '' ? marks.border : marks.tick)), ...row];
    }),
    [dim(left('', marks.corner) + marks.floor.repeat(width))],
    [dim(`${' '.repeat(margin + BORDER + 1)}${below}`)],
  ];
}
