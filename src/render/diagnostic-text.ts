import type { ChalkInstance } from 'chalk';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import { printable, printableLines } from './parts/printable.js';
import { columnsOf } from './parts/width.js';
import { wrapLine } from './parts/wrap.js';

/** `file:line:col`, the line, a caret below the place, and a suggestion, all printable. */
export function diagnosticText(diagnostic: Diagnostic, chalk: ChalkInstance, columns?: number): string {
  const { at, severity } = diagnostic;
  const colour = severity === 'error' ? chalk.red : chalk.yellow;
  const number = String(at.line);
  const margin = ' '.repeat(number.length);
  const { before, marked, after } = excerptOf(
    diagnostic,
    columns === undefined ? LONGEST_LINE : columns - margin.length - EXCERPT_FRAME,
  );
  const lines = [
    ...wrapLine(
      `${chalk.bold(printable(`${at.file}:${at.line}:${at.col}`))} ${colour(severity)} ${chalk.dim(diagnostic.code)} ${printable(shortened(diagnostic.message))}`,
      columns,
    ),
    chalk.dim(` ${number} │ `) + before + marked + after,
    chalk.dim(` ${margin} │ `) + blanksFor(before) + colour('^'.repeat(Math.max(1, columnsOf(marked)))),
    ...(diagnostic.suggestion === undefined
      ? []
      : wrapLine(` ${margin}   ${printable(shortened(diagnostic.suggestion))}`, columns)),
    ...(diagnostic.related ?? []).flatMap((one) =>
      wrapLine(
        ` ${margin}   ${printable(shortened(`${one.at.file}:${one.at.line}:${one.at.col} ${one.message}`))}`,
        columns,
      ).map((text) => chalk.dim(text)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** A longer message holds a name or a value of a file that no person has written. */
const LONGEST_MESSAGE = 4000;
const shortened = (text: string): string =>
  text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE)} …`;

/** Of a longer line only what is near the place is shown, in characters. */
const LONGEST_LINE = 400;
const BEFORE_PLACE = 100;
/** Columns of the frame around an excerpt: the bar and its spaces, and the marks of what is left out. */
const EXCERPT_FRAME = 8;

/** The line of the file, cut into what stands before the place, at it, and after it. */
function excerptOf({ at, sourceLine }: Diagnostic, room: number) {
  const longest = Math.min(LONGEST_LINE, Math.max(1, room));
  const isWhole = sourceLine.length <= longest;
  const from = isWhole ? 0 : Math.max(0, at.col - 1 - Math.min(BEFORE_PLACE, Math.floor(longest / 3)));
  const to = Math.min(sourceLine.length, from + longest);
  const [begin, end] = [Math.min(at.col - 1, to), Math.min(Math.max(at.endCol, at.col) - 1, to)];
  const piece = (start: number, stop: number): string => printableLines(sourceLine.slice(start, stop)).join('\\n');
  return {
    before: (from > 0 ? '… ' : '') + piece(from, begin),
    marked: piece(begin, end),
    after: piece(end, to) + (to < sourceLine.length ? ' …' : ''),
  };
}

/** Spaces as wide as the text. Tabs stay tabs, because only the terminal knows their width. */
const blanksFor = (text: string): string =>
  text
    .split('\t')
    .map((part) => ' '.repeat(columnsOf(part)))
    .join('\t');

export function countText(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((one) => one.severity === 'error').length;
  return `${errors} problem${errors === 1 ? '' : 's'}`;
}
