import type { PlotPoint, SeriesPlot } from '../../../domain/plot.js';
import type { Line } from '../../../domain/view.js';
import { dim, plural, strong, toned } from '../parts.js';
import { printable } from '../printable.js';
import { shorten } from '../width.js';
import { axisFigure, axisLabels, endFigures, halfway, shareOf, timeTexts } from './axis.js';
import { framed, roomBeside } from './frame.js';
import { createGrid, type Grid } from './grid.js';
import { legendLines } from './legend.js';
import type { Marks } from './marks.js';

const HEIGHT = 9;
const LONGEST_LABEL = 40;

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** A line through the points, with their intervals and the levels. Its ends are the least and the largest value. */
export function drawSeries(plot: SeriesPlot, columns: number, marks: Marks): readonly Line[] {
  const points = plot.points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  if (points.length === 0) return [titleLine(plot, columns), [dim('  no finite value to draw')]];
  const values = [
    ...points.flatMap(({ y, lower, upper }) => [y, lower, upper]),
    ...plot.levels.map(({ value }) => value),
  ].filter((value) => value !== undefined && Number.isFinite(value)) as readonly number[];
  const [low, high] = [least(values), most(values)];
  const [bottom, top] = endFigures(low, high);
  const middle = axisFigure(halfway(low, high));
  const labels = Array.from({ length: HEIGHT }, (_, row) => labelOf(row, { low, high, bottom, middle, top }));
  const scale = { low, high, from: points[0]?.x ?? 0, to: points.at(-1)?.x ?? 0, width: roomBeside(columns, labels) };
  const grid = createGrid(HEIGHT, scale.width);
  for (const { value } of plot.levels) drawLevel(grid, value, scale, marks);
  drawLine(grid, points, scale, marks);
  for (const point of points) drawInterval(grid, point, scale, marks);
  for (const { x, y } of points) grid.put(rowOf(y, scale), columnOf(x, scale), marks.point, 'strong');
  const below = axisLabels(xTexts(plot, scale), scale.width);
  return [
    titleLine(plot, columns),
    ...framed({ rows: grid.lines(), labels, below, width: scale.width }, marks),
    ...legend(plot, points, { marks, columns }),
  ];
}

const titleLine = ({ title }: SeriesPlot, columns: number): Line => [strong(shorten(printable(title), columns))];

interface Ends {
  readonly low: number;
  readonly high: number;
  readonly bottom: string;
  readonly middle: string;
  readonly top: string;
}

/** A flat series has its one value in the middle. */
function labelOf(row: number, { low, high, bottom, middle, top }: Ends): string {
  if (row === Math.floor(HEIGHT / 2)) return low === high ? top : middle === top || middle === bottom ? '' : middle;
  if (low === high) return '';
  return row === 0 ? top : row === HEIGHT - 1 ? bottom : '';
}

const rowOf = (y: number, { low, high }: Scale): number => Math.round((1 - shareOf(y, low, high)) * (HEIGHT - 1));
/** One point is drawn at the left end, below which its place is written. */
const columnOf = (x: number, { from, to, width }: Scale): number =>
  from === to ? 0 : Math.round(shareOf(x, from, to) * (width - 1));

function drawLevel(grid: Grid, value: number, scale: Scale, { level }: Marks): void {
  for (let column = 0; column < scale.width; column++) grid.put(rowOf(value, scale), column, level, 'bad');
}

/** Straight lines from point to point in braille dots, or a character for each column. */
function drawLine(grid: Grid, points: readonly PlotPoint[], scale: Scale, marks: Marks): void {
  for (const [i, to] of points.slice(1).entries()) {
    const from = points[i] ?? to;
    const [left, right] = [columnOf(from.x, scale), columnOf(to.x, scale)];
    const steps = Math.max(1, (right - left) * 2, Math.abs(rowOf(from.y, scale) - rowOf(to.y, scale)) * 4);
    for (let step = 0; step <= steps; step++) {
      const share = step / steps;
      const x = left + (right - left) * share;
      const y = from.y * (1 - share) + to.y * share;
      if (marks.isUnicode) grid.dot(Math.round(x * 2), dotOf(y, scale), 'plain');
      else grid.put(rowOf(y, scale), Math.round(x), '.', 'plain');
    }
  }
}

/** The dot row in the middle of the value's text row, and in between. */
const dotOf = (y: number, { low, high }: Scale): number =>
  Math.round((1 - shareOf(y, low, high)) * (HEIGHT - 1) * 4) + 1;

function drawInterval(grid: Grid, { x, lower, upper }: PlotPoint, scale: Scale, marks: Marks): void {
  if (lower === undefined || upper === undefined || !Number.isFinite(lower) || !Number.isFinite(upper)) return;
  const [top, bottom] = [rowOf(upper, scale), rowOf(lower, scale)];
  const [upperEnd, middle, lowerEnd] = marks.interval;
  for (let row = top; row <= bottom; row++)
    grid.put(row, columnOf(x, scale), row === top ? upperEnd : row === bottom ? lowerEnd : middle, 'dim');
}

function xTexts({ axis }: SeriesPlot, { from, to }: Scale): readonly [string, string, string] {
  if (axis === 'time') return timeTexts(from, to);
  const [left, right] = endFigures(from, to);
  return [left, '', right];
}

function legend(
  plot: SeriesPlot,
  points: readonly PlotPoint[],
  { marks, columns }: { readonly marks: Marks; readonly columns: number },
): readonly Line[] {
  const hasIntervals = points.some(({ lower }) => lower !== undefined);
  const left = plot.points.length - points.length;
  const entries: Line[] = [
    [`${marks.point} ${shorten(printable(plot.unit), LONGEST_LABEL)}`],
    ...(hasIntervals ? [[dim(marks.interval[1]), ' its interval'] as Line] : []),
    ...plot.levels.map(
      ({ label }): Line => [toned(marks.level.repeat(2), 'bad'), ` ${shorten(printable(label), LONGEST_LABEL)}`],
    ),
    [dim(`x: ${plot.axisUnit}`)],
  ];
  return [
    ...legendLines(entries, columns),
    ...(left === 0
      ? []
      : [[dim(`  not drawn: ${plural(left, 'value')} that ${left === 1 ? 'is' : 'are'} not finite`)]]),
    ...plot.notes.map((note): Line => [dim(`  ${printable(note)}`)]),
  ];
}

// Not `Math.min(...values)`: a series may be longer than the number of arguments a call accepts.
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
