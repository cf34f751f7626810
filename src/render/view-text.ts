import type { ChalkInstance } from 'chalk';
import type { Span, Tone, View, ViewPart } from '../domain/view.js';
import { drawPlot, PAGE, type PlotScreen } from './parts/plots/draw-plot.js';
import { asciiBars } from './parts/plots/sparkline.js';
import { printable, printableLines } from './parts/printable.js';
import { padToColumns, widest } from './parts/width.js';

const textOf = (span: Span): string => printable(typeof span === 'string' ? span : span.text);

/** A view as printable text, coloured as far as the chalk instance allows. Charts are as wide as the screen. */
export function viewText(view: View, chalk: ChalkInstance, screen: PlotScreen = PAGE): string {
  const shown = (span: Span): string => (screen.isUnicode ? textOf(span) : asciiBars(textOf(span)));
  const paint = (span: Span): string =>
    typeof span === 'string' ? shown(span) : painters(chalk)[span.tone](shown(span));
  const lines = view.parts.flatMap((part) => partLines(part, paint, chalk, screen));
  // A heading begins with an empty line, except at the top.
  const kept = lines.slice(lines[0] === '' ? 1 : 0);
  return `${kept.map((line) => line.trimEnd()).join('\n')}\n`;
}

const painters = (chalk: ChalkInstance): Readonly<Record<Tone, (text: string) => string>> => ({
  plain: (text) => text,
  strong: chalk.bold,
  dim: chalk.dim,
  good: chalk.green,
  warn: chalk.yellow,
  bad: chalk.red,
});

function partLines(
  part: ViewPart,
  paint: (span: Span) => string,
  chalk: ChalkInstance,
  screen: PlotScreen,
): readonly string[] {
  switch (part.kind) {
    case 'line':
      return [part.line.map(paint).join('')];
    case 'heading':
      return ['', chalk.underline(printable(part.text))];
    case 'plot':
      return ['', ...drawPlot(part.plot, screen).map((line) => line.map(paint).join(''))];
    case 'text':
      return part.lines.flatMap(printableLines);
    case 'fields': {
      const rows = part.rows.map(([label, line]) => ({ label: printable(label), text: line.map(paint).join('') }));
      const width = widest(rows.map(({ label }) => label));
      return rows.map(({ label, text }) => `  ${chalk.dim(padToColumns(label, width))}  ${text}`);
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
  const head = part.head.map(printable);
  const widths = head.map((title, i) => widest([title, ...part.rows.map((row) => textOf(row[i] ?? ''))]));
  const cells = (painted: readonly string[]): string =>
    `  ${painted.map((text, i) => (i === painted.length - 1 ? text : padToColumns(text, widths[i] ?? 0))).join('  ')}`;
  return [cells(head.map((title) => chalk.dim(title))), ...part.rows.map((row) => cells(row.map(paint)))];
}
