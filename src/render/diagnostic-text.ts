import type { ChalkInstance } from 'chalk';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import { columnsOf } from './parts/width.js';

/** `file:line:col`, the line, a caret below the place, and a suggestion. */
export function diagnosticText(diagnostic: Diagnostic, chalk: ChalkInstance): string {
  const { at, severity } = diagnostic;
  const colour = severity === 'error' ? chalk.red : chalk.yellow;
  const number = String(at.line);
  const margin = ' '.repeat(number.length);
  const before = diagnostic.sourceLine.slice(0, at.col - 1);
  const carets = Math.max(1, columnsOf(diagnostic.sourceLine.slice(at.col - 1, at.endCol - 1)));
  const lines = [
    `${chalk.bold(`${at.file}:${at.line}:${at.col}`)} ${colour(severity)} ${chalk.dim(diagnostic.code)} ${diagnostic.message}`,
    chalk.dim(` ${number} │ `) + diagnostic.sourceLine,
    chalk.dim(` ${margin} │ `) + blanksFor(before) + colour('^'.repeat(carets)),
    ...(diagnostic.suggestion === undefined ? [] : [` ${margin}   ${diagnostic.suggestion}`]),
    ...(diagnostic.related ?? []).map((one) =>
      chalk.dim(` ${margin}   ${one.at.file}:${one.at.line}:${one.at.col} ${one.message}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
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
