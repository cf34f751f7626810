import type { ChalkInstance } from 'chalk';
import type { Span, Tone, View, ViewPart } from '../domain/view.js';
import { padToColumns, widest } from './parts/width.js';

const textOf = (span: Span): string => (typeof span === 'string' ? span : span.text);

/** A view as text, coloured as far as the chalk instance allows. */
export function viewText(view: View, chalk: ChalkInstance): string {
  const paint = (span: Span): string => (typeof span === 'string' ? span : painters(chalk)[span.tone](span.text));
  const lines = view.parts.flatMap((part) => partLines(part, paint, chalk));
  // A heading begins with an empty line, except at the top.
  const shown = lines.slice(lines[0] === '' ? 1 : 0);
  return `${shown.map((line) => line.trimEnd()).join('\n')}\n`;
}

const painters = (chalk: ChalkInstance): Readonly<Record<Tone, (text: string) => string>> => ({
  plain: (text) => text,
  strong: chalk.bold,
  dim: chalk.dim,
  good: chalk.green,
  warn: chalk.yellow,
  bad: chalk.red,
});

function partLines(part: ViewPart, paint: (span: Span) => string, chalk: ChalkInstance): readonly string[] {
  switch (part.kind) {
    case 'line':
      return [part.line.map(paint).join('')];
    case 'heading':
      return ['', chalk.underline(part.text)];
    case 'text':
      return part.lines;
    case 'fields': {
      const width = widest(part.rows.map(([label]) => label));
      return part.rows.map(
        ([label, line]) => `  ${chalk.dim(padToColumns(label, width))}  ${line.map(paint).join('')}`,
      );
    }
    case 'table':
      return tableLines(part, paint, chalk);
  }
}

/** Columns are as wide as their widest cell. The last one is not padded. */
function tableLines(
  part: Extract<ViewPart, { readonly kind: 'table' }>,
  paint: (span: Span) => string,
  chalk: ChalkInstance,
): readonly string[] {
  const widths = part.head.map((title, i) => widest([title, ...part.rows.map((row) => textOf(row[i] ?? ''))]));
  const cells = (painted: readonly string[]): string =>
    `  ${painted.map((text, i) => (i === painted.length - 1 ? text : padToColumns(text, widths[i] ?? 0))).join('  ')}`;
  return [cells(part.head.map((title) => chalk.dim(title))), ...part.rows.map((row) => cells(row.map(paint)))];
}
