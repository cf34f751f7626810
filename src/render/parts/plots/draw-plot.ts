import type { Plot } from '../../../domain/plot.js';
import type { Line } from '../../../domain/view.js';
import { dim, strong, toned } from '../parts.js';
import { printable } from '../printable.js';
import { shorten } from '../width.js';
import { drawBars } from './draw-bars.js';
import { drawHistogram } from './draw-histogram.js';
import { drawSeries } from './draw-series.js';
import { legendLines } from './legend.js';
import { type Marks, marksOf } from './marks.js';

/** Where a chart is drawn. */
export interface PlotScreen {
  readonly columns: number;
  /** Whether the locale has block and braille characters. Otherwise the chart is ASCII. */
  readonly isUnicode: boolean;
}

const NARROWEST = 40;
/** Wider charts are not easier to read. */
const WIDEST = 160;

/** For files and pages, which have no width of their own. */
export const PAGE: PlotScreen = { columns: 80, isUnicode: true };

/** The lines of a chart. No line is wider than the screen, and without colour every mark differs from the others. */
export function drawPlot(plot: Plot, { columns, isUnicode }: PlotScreen): readonly Line[] {
  const marks = marksOf(isUnicode);
  const width = Math.min(WIDEST, Math.max(NARROWEST, columns)) - 1;
  if (plot.kind === 'series') return drawSeries(plot, width, marks);
  return [
    [strong(shorten(printable(plot.title), width))],
    ...legendLines(windowLegend(marks), width),
    ...(plot.kind === 'histogram' ? drawHistogram(plot.shape, width, marks) : drawBars(plot.shape, width, marks)),
    ...plot.notes.map((note): Line => [dim(`  ${printable(note)}`)]),
  ];
}

const windowLegend = ({ reference, current }: Marks): readonly Line[] => [
  [toned(reference.repeat(2), 'dim'), ' reference'],
  [toned(current.repeat(2), 'warn'), ' current'],
  [dim('shares of all rows')],
];

/** The text of drawn lines, for outputs without colour. */
export const plainLines = (lines: readonly Line[]): readonly string[] =>
  lines.map((line) =>
    line
      .map((span) => (typeof span === 'string' ? span : span.text))
      .join('')
      .trimEnd(),
  );
