import type { ChalkInstance } from 'chalk';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import { printable, printableLines } from './parts/printable.js';
import { columnsOf } from './parts/width.js';

/** `file:line:col`, the line, a caret below the place, and a suggestion, all printable. */
export function diagnosticText(diagnostic: Diagnostic, chalk: ChalkInstance): string {
  const { at, severity } = diagnostic;
  const colour = severity === 'error' ? chalk.red : chalk.yellow;
  const number = String(at.line);
  const margin = ' '.repeat(number.length);
  const { before, marked, after } = excerptOf(diagnostic);
  const lines = [
    `${chalk.bold(printable(`${at.file}:${at.line}:${at.col}`))} ${colour(severity)} ${chalk.dim(diagnostic.code)} ${printable(shortened(diagnostic.message))}`,
    chalk.dim(` ${number} │ `) + before + marked + after,
    chalk.dim(` ${margin} │ `) + blanksFor(before) + colour('^'.repeat(Math.max(1, columnsOf(marked)))),
    ...(diagnostic.suggestion === undefined ? [] : [` ${margin}   ${printable(shortened(diagnostic.suggestion))}`]),
    ...(diagnostic.related ?? []).map((one) =>
      chalk.dim(` ${margin}   ${printable(shortened(`${one.at.file}:${one.at.line}:${one.at.col} ${one.message}`))}`),
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

/** The line of the file, cut into what stands before the place, at it, and after it. */
function excerptOf({ at, sourceLine }: Diagnostic) {
  const from = sourceLine.length <= LONGEST_LINE ? 0 : Math.max(0, at.col - 1 - BEFORE_PLACE);
  const to = Math.min(sourceLine.length, from + LONGEST_LINE);
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
