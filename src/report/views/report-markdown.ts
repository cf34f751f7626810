import type { Line, Span, ViewPart } from '../../domain/view.js';
import { graphMermaid } from '../../lineage/views/lineage-view.js';
import { fenced, markdown, markdownTable } from '../../render/parts/markdown.js';
import { mermaidLines } from '../../render/parts/mermaid.js';
import { drawPlot, PAGE, plainLines } from '../../render/parts/plots/draw-plot.js';
import { sparkline } from '../../render/parts/plots/sparkline.js';
import type { ReportDocument, ReportSection } from './document.js';
import type { DistributionFigure, Figure, SeriesFigure } from './figures/figure.js';

/** A report as Markdown: the same facts as the page, its figures as text. */
export const reportMarkdown = ({ title, subtitle, sections, charts = [] }: ReportDocument): readonly string[] => [
  `# ${markdown(title)}`,
  '',
  markdown(subtitle),
  '',
  ...sections.flatMap(sectionLines),
  ...(charts.length === 0 ? [] : ['## Over the last runs', '']),
  ...charts.flatMap((chart) => [...mermaidLines(chart), '']),
];

const sectionLines = ({ title, parts, figures, folded }: ReportSection): readonly string[] => [
  `## ${markdown(title)}`,
  '',
  ...figures.flatMap(figureLines),
  ...partsMarkdown(parts),
  ...(folded === undefined
    ? []
    : [`<details><summary>${markdown(folded.title)}</summary>`, '', ...partsMarkdown(folded.parts), '</details>', '']),
];

/** Parts of a view as Markdown. Each ends with an empty line. */
const partsMarkdown = (parts: readonly ViewPart[]): readonly string[] =>
  parts.flatMap((part) => {
    const lines = partLines(part);
    return lines.length === 0 ? [] : [...lines, ''];
  });

function partLines(part: ViewPart): readonly string[] {
  switch (part.kind) {
    case 'line': {
      const text = lineText(part.line);
      return text === '' ? [] : [text];
    }
    case 'heading':
      return [`### ${markdown(part.text)}`];
    case 'plot':
      return fenced(plainLines(drawPlot(part.plot, PAGE)));
    case 'text':
      return fenced(part.lines);
    case 'fields':
      return part.rows.length === 0
        ? []
        : markdownTable(
            ['', ''],
            part.rows.map(([label, line]) => [markdown(label), lineText(line)]),
          );
    case 'table':
      return part.rows.length === 0
        ? []
        : markdownTable(
            part.head.map(markdown),
            part.rows.map((row) => row.map(spanText)),
          );
  }
}

/** The spaces around a span belong to the line; emphasis must not hold them. */
const lineText = (line: Line): string => line.map(spacedText).join('').replaceAll(/ {2,}/g, ' ').trim();

function spacedText(span: Span): string {
  const text = typeof span === 'string' ? span : span.text;
  const shown = spanText(span);
  if (shown === '') return text === '' ? '' : ' ';
  return `${/^\s/.test(text) ? ' ' : ''}${shown}${/\s$/.test(text) ? ' ' : ''}`;
}

function spanText(span: Span): string {
  const { text, tone } = typeof span === 'string' ? { text: span, tone: 'plain' as const } : span;
  const shown = markdown(text);
  return shown !== '' && (tone === 'strong' || tone === 'bad') ? `**${shown}**` : shown;
}

function figureLines(figure: Figure): readonly string[] {
  if (figure.kind === 'series') return seriesLines(figure);
  if (figure.kind === 'graph') return [...fenced(graphMermaid(figure.graph), 'mermaid'), ''];
  return figure.kind === 'distribution' ? distributionLines(figure) : [];
}

const seriesLines = ({ title, points }: SeriesFigure): readonly string[] => [
  `${markdown(title)}: ${sparkline(points.map(({ value }) => value))}`,
  '',
];

/** Columns that did not move are in the table of the section already. */
function distributionLines({ column, verdict, shape }: DistributionFigure): readonly string[] {
  if (verdict === 'stable' || shape.kind !== 'numbers') return [];
  return [`${markdown(column)}: reference ${sparkline(shape.reference)}, now ${sparkline(shape.current)}`, ''];
}
