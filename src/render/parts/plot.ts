const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Values as one line of block characters, oldest first, with a gap where a value is missing. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values
    .map((value) => {
      if (value === undefined) return ' ';
      const share = high === low ? 0.5 : (value - low) / (high - low);
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))];
    })
    .join('');
}

const HEIGHT = 10;
const WIDTH = 60;

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
}

/**
 * A chart of points by their place along x, with the range of y at its left. If several points fall into one cell of
 * the chart, they are one dot.
 */
export function chart(points: readonly PlotPoint[], text: (value: number) => string): readonly string[] {
  if (points.length === 0) return [];
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right] = [least(xs), most(xs)];
  const [low, high] = [least(ys), most(ys)];
  const width = Math.min(WIDTH, Math.max(2, points.length * 3));
  const grid = Array.from({ length: HEIGHT }, () => Array.from({ length: width }, () => ' '));
  for (const { x, y } of points) {
    const column = right === left ? 0 : Math.round(((x - left) / (right - left)) * (width - 1));
    const row = high === low ? Math.floor(HEIGHT / 2) : Math.round(((high - y) / (high - low)) * (HEIGHT - 1));
    const cells = grid[row];
    if (cells !== undefined) cells[column] = '•';
  }
  const labels = grid.map((_, row) => (row === 0 ? text(high) : row === HEIGHT - 1 ? text(low) : ''));
  const margin = most(labels.map((label) => label.length));
  return grid.map((cells, row) => `${(labels[row] ?? '').padStart(margin)} ┤${cells.join('')}`.trimEnd());
}

// Not `Math.min(...values)`: a series may be longer than the number of arguments a call accepts.
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
