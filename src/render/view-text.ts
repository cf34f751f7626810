import type { ChalkInstance } from 'chalk';
import type { Span, Tone, View, ViewPart } from '../domain/view.js';
import { drawPlot, PAGE } from './parts/plots/draw-plot.js';
import { asciiBars } from './parts/plots/sparkline.js';
import { printable, printableLines } from './parts/printable.js';
import { type Cell, tableLayout } from './parts/table-layout.js';
import { padToColumns, widest } from './parts/width.js';
import { wrapLine } from './parts/wrap.js';

const textOf = (span: Span): string => printable(typeof span === 'string' ? span : span.text);

/** Where a result is shown. */
interface Screen {
  /** Width of the terminal; `undefined` where the reader is no terminal, and nothing is broken. */
  readonly columns?: number;
  /** Whether the locale has more characters than ASCII. */
  readonly isUnicode: boolean;
}

interface Drawing extends Screen {
  readonly chalk: ChalkInstance;
}

/**
 * A view as printable text, coloured as far as the chalk instance allows. This is the place where results are fitted to the
 * screen. Verbatim text (a log, a file) stays as it is.
 */
export function viewText(view: View, chalk: ChalkInstance, screen: Screen = { isUnicode: true }): string {
  const lines = view.parts.flatMap((part) => partLines(part, { ...screen, chalk }));
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

const cellOf = (span: Span, { chalk, isUnicode }: Drawing): Cell => ({
  text: isUnicode ? textOf(span) : asciiBars(textOf(span)),
  paint: typeof span === 'string' ? (text) => text : painters(chalk)[span.tone],
});

const paintSpan = (span: Span, drawing: Drawing): string => {
  const { text, paint } = cellOf(span, drawing);
  return paint(text);
};

function partLines(part: ViewPart, drawing: Drawing): readonly string[] {
  const { chalk, columns, isUnicode } = drawing;
  const painted = (spans: readonly Span[]): string => spans.map((span) => paintSpan(span, drawing)).join('');
  switch (part.kind) {
    case 'line':
      return wrapLine(painted(part.line), columns);
    case 'heading':
      return ['', ...wrapLine(printable(part.text), columns, 0).map((text) => chalk.underline(text))];
    case 'plot':
      return ['', ...drawPlot(part.plot, { columns: columns ?? PAGE.columns, isUnicode }).map(painted)];
    case 'text':
      return part.lines.flatMap(printableLines);
    case 'fields': {
      const rows = part.rows.map(([label, line]) => ({ label: printable(label), text: painted(line) }));
      const width = widest(rows.map(({ label }) => label));
      return rows.flatMap(({ label, text }) =>
        wrapLine(`  ${chalk.dim(padToColumns(label, width))}  ${text}`, columns, width + 4),
      );
    }
    case 'table': {
      const head = part.head.map((title): Cell => ({ text: printable(title), paint: chalk.dim }));
      const rows = part.rows.map((row) => row.map((span) => cellOf(span, drawing)));
      return tableLayout(head, rows, columns);
    }
  }
}
