import { DAY_MS, instantOf } from '../../../domain/support/time.js';
import { distinctFigures, figure, moment } from '../parts.js';
import { columnsOf } from '../width.js';

const LONGEST_FIGURE = 9;

/** A value at an axis: short, with an exponent if it is very large or very small. */
export function axisFigure(value: number): string {
  const text = figure(value);
  return text.length <= LONGEST_FIGURE ? text : value.toExponential(2).replace('e+', 'e');
}

/** The ends of an axis, with enough digits to differ. */
export function endFigures(low: number, high: number): readonly [string, string] {
  const ends = [axisFigure(low), axisFigure(high)] as const;
  return low === high || ends[0] !== ends[1] ? ends : distinctFigures(low, high);
}

/** Where a value lies between two others, 0…1; in the middle if they are one. Halves, because a difference may overflow. */
export const shareOf = (value: number, low: number, high: number): number =>
  high === low ? 0.5 : (value / 2 - low / 2) / (high / 2 - low / 2);

export const halfway = (low: number, high: number): number => low / 2 + high / 2;

/** The texts of the left end, the middle and the right end of a time axis. */
export function timeTexts(from: number, to: number): readonly [string, string, string] {
  const [left, middle, right] = [from, halfway(from, to), to].map((at) => moment(instantOf(Math.round(at))));
  const texts = [left ?? '', middle ?? '', right ?? ''] as const;
  return to - from < 2 * DAY_MS ? texts : (texts.map((text) => text.slice(0, 10)) as [string, string, string]);
}

/** One line with a text at the left end, one in the middle and one at the right end. The middle one only where it fits. */
export function axisLabels([left, middle, right]: readonly [string, string, string], width: number): string {
  if (left === right) return left;
  const room = width - columnsOf(left) - columnsOf(right);
  if (room < 1) return left;
  const before = Math.floor(width / 2 - columnsOf(middle) / 2) - columnsOf(left);
  const after = room - before - columnsOf(middle);
  return before < 2 || after < 2 || middle === ''
    ? `${left}${' '.repeat(room)}${right}`
    : `${left}${' '.repeat(before)}${middle}${' '.repeat(after)}${right}`;
}
