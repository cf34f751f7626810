import type { ChalkInstance } from 'chalk';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';

/** `file:line:col`, the line, a caret below the place, and what to write instead. */
export function diagnosticText(diagnostic: Diagnostic, chalk: ChalkInstance): string {
  const { at, severity } = diagnostic;
  const colour = severity === 'error' ? chalk.red : chalk.yellow;
  const number = String(at.line);
  const margin = ' '.repeat(number.length);
  const width = Math.max(1, Math.min(at.endCol, diagnostic.sourceLine.length + 1) - at.col);
  const lines = [
    `${chalk.bold(`${at.file}:${at.line}:${at.col}`)} ${colour(severity)} ${chalk.dim(diagnostic.code)} ${diagnostic.message}`,
    chalk.dim(` ${number} │ `) + diagnostic.sourceLine,
    chalk.dim(` ${margin} │ `) + ' '.repeat(at.col - 1) + colour('^'.repeat(width)),
    ...(diagnostic.suggestion === undefined ? [] : [` ${margin}   ${diagnostic.suggestion}`]),
    ...(diagnostic.related ?? []).map((one) =>
      chalk.dim(` ${margin}   ${one.at.file}:${one.at.line}:${one.at.col} ${one.message}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

export function countText(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((one) => one.severity === 'error').length;
  return `${errors} problem${errors === 1 ? '' : 's'}`;
}
