import type { NumbersShape } from '../../../domain/plot.js';
import type { Line } from '../../../domain/view.js';
import { axisFigure, axisLabels, endFigures, halfway } from './axis.js';
import { framed, roomBeside } from './frame.js';
import { createGrid, type Grid } from './grid.js';
import type { Marks } from './marks.js';

const HEIGHT = 8;
const EIGHTHS = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * Two histograms over each other: the reference as filled bars, the current window as an outline. A bar is as high as its
 * share of the largest one; a cell that has any rows has at least the lowest mark.
 */
export function drawHistogram(shape: NumbersShape, columns: number, marks: Marks): readonly Line[] {
  const { reference, current, edges } = shape;
  const highest = Math.max(...reference, ...current);
  const labels = Array.from({ length: HEIGHT }, (_, row) =>
    row === 0 ? shareText(highest) : row === HEIGHT / 2 ? shareText(highest / 2) : '',
  );
  const cellWidth = Math.max(1, Math.floor(roomBeside(columns, labels) / reference.length));
  const width = cellWidth * reference.length;
  const grid = createGrid(HEIGHT, width);
  for (const [i, share] of reference.entries()) fillBar(grid, i * cellWidth, cellWidth, share / highest, marks);
  const heights = current.map((share) => share / highest);
  if (marks.isUnicode) outline(grid, heights, cellWidth);
  else asciiOutline(grid, heights, cellWidth, marks);
  const below = valueLabels(edges, cellWidth);
  return framed({ rows: grid.lines(), labels, below, width }, marks);
}

/** The ends of the axis and its middle. Whole numbers that have a cell each stand below the middle of theirs. */
function valueLabels(edges: readonly number[], cellWidth: number): string {
  const cells = edges.length - 1;
  const [from, to] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const isWhole = to - from === cells && Number.isInteger(from + 0.5);
  const [low, high] = isWhole ? [from + 0.5, to - 0.5] : [from, to];
  const indent = isWhole ? Math.floor((cellWidth - 1) / 2) : 0;
  const [left, right] = endFigures(low, high);
  const middle = isWhole && cells % 2 === 0 ? '' : axisFigure(halfway(low, high));
  return ' '.repeat(indent) + axisLabels([left, middle, right], cells * cellWidth - 2 * indent);
}

/** A share of all rows as a percentage. */
export const shareText = (share: number): string =>
  share > 0 && share < 0.001 ? '<0.1 %' : `${Number((100 * share).toFixed(share < 0.1 ? 1 : 0))} %`;

function fillBar(grid: Grid, from: number, width: number, height: number, marks: Marks): void {
  if (!(height > 0)) return;
  const steps = marks.isUnicode ? 8 : 1;
  const level = Math.max(1, Math.round(height * HEIGHT * steps));
  for (let row = 0; row * steps < level; row++) {
    const mark = marks.isUnicode ? (EIGHTHS[Math.min(8, level - row * 8)] ?? '') : marks.reference;
    for (let column = from; column < from + width; column++) grid.put(HEIGHT - 1 - row, column, mark, 'dim');
  }
}

const DOT_ROWS = HEIGHT * 4;
/** The row of dots of a height 0…1, counted from the top; `undefined` for an empty cell. */
const dotRow = (height: number): number | undefined =>
  height > 0 ? DOT_ROWS - Math.max(1, Math.round(height * DOT_ROWS)) : undefined;

/** The outline in braille dots: the top of each cell, and the steps between cells. */
function outline(grid: Grid, heights: readonly number[], cellWidth: number): void {
  for (const [i, height] of heights.entries()) {
    const at = dotRow(height);
    const before = dotRow(heights[i - 1] ?? 0);
    const begin = i * cellWidth * 2;
    if (at !== undefined) for (let x = begin; x < begin + cellWidth * 2; x++) grid.dot(x, at, 'warn');
    if (at === before) continue;
    const [high, low] = [Math.min(at ?? DOT_ROWS, before ?? DOT_ROWS), Math.max(at ?? DOT_ROWS, before ?? DOT_ROWS)];
    // The step belongs to the higher cell, so that no dot lies above an empty one.
    const x = (at ?? DOT_ROWS) <= (before ?? DOT_ROWS) ? begin : begin - 1;
    for (let y = high; y < Math.min(low, DOT_ROWS); y++) grid.dot(x, y, 'warn');
  }
  const last = dotRow(heights.at(-1) ?? 0);
  if (last !== undefined) for (let y = last; y < DOT_ROWS; y++) grid.dot(heights.length * cellWidth * 2 - 1, y, 'warn');
}

function asciiOutline(grid: Grid, heights: readonly number[], cellWidth: number, marks: Marks): void {
  for (const [i, height] of heights.entries()) {
    if (!(height > 0)) continue;
    const row = HEIGHT - Math.max(1, Math.round(height * HEIGHT));
    for (let column = i * cellWidth; column < (i + 1) * cellWidth; column++)
      grid.put(row, column, marks.current, 'warn');
  }
}
