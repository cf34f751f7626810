import { describe, expect, it } from 'vitest';
import type { Plot, SeriesPlot } from '../../../src/domain/plot.js';
import { drawPlot, plainLines } from '../../../src/render/parts/plots/draw-plot.js';
import { columnsOf } from '../../../src/render/parts/width.js';

const draw = (plot: Plot, columns = 80, isUnicode = true): readonly string[] =>
  plainLines(drawPlot(plot, { columns, isUnicode }));

const histogram = (reference: readonly number[], current: readonly number[], edges?: readonly number[]): Plot => ({
  kind: 'histogram',
  title: 'column',
  notes: [],
  shape: {
    kind: 'numbers',
    edges: edges ?? Array.from({ length: reference.length + 1 }, (_, i) => i),
    reference,
    current,
  },
});

const series = (values: readonly number[], more: Partial<SeriesPlot> = {}): SeriesPlot => ({
  kind: 'series',
  title: 'auc',
  unit: 'auc',
  axis: 'number',
  axisUnit: 'step',
  points: values.map((y, x) => ({ x, y })),
  levels: [],
  notes: [],
  ...more,
});

/** What stands right of the axis, from top to bottom. */
const drawn = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((text) => /^[^│┤|+└]*[│┤|+](.*)$/.exec(text)?.[1] ?? []);

const EIGHTHS = ' ▁▂▃▄▅▆▇█';
/** The height of the bar in a column of the drawing, in eighths of a row. */
const heightAt = (rows: readonly string[], column: number): number =>
  rows.reduce((sum, row) => sum + Math.max(0, EIGHTHS.indexOf(row[column] ?? ' ')), 0);

describe('histograms', () => {
  it.each([80, 140])('has bars as high as their shares, to an eighth of a row, in %i columns', (columns) => {
    const shares = [0.01, 0.1, 0.2, 0.4, 0.15, 0.05, 0, 0.09];
    const rows = drawn(
      draw(
        histogram(
          shares,
          shares.map(() => 0),
        ),
        columns,
      ),
    );
    const width = Math.floor((rows[7]?.length ?? 0) / 8);
    const heights = shares.map((_, i) => heightAt(rows, i * width));
    expect(heights).toEqual(shares.map((share) => Math.round((share / 0.4) * 64)));
  });

  it('draws the outline of the current window as high as its shares, and over the reference', () => {
    const lines = draw(histogram([0.5, 0.5, 0, 0], [0, 0.25, 0.5, 0.25]));
    const rows = drawn(lines);
    const width = Math.floor(Math.max(...rows.map((row) => row.length)) / 4);
    const topOf = (cell: number): number =>
      rows.findIndex((row) => /[\u2801-\u28ff]/.test(row[cell * width + Math.floor(width / 2)] ?? ''));
    expect([0, 1, 2, 3].map(topOf)).toEqual([-1, 4, 0, 4]);
    expect(heightAt(rows, 1)).toBe(64);
  });

  it('shows a cell with few rows, and no mark in an empty one', () => {
    const rows = drawn(draw(histogram([0.999, 0.00001, 0], [0, 0, 0])));
    const width = Math.floor(Math.max(...rows.map((row) => row.length)) / 2);
    expect(heightAt(rows, width)).toBe(1);
    expect(rows.every((row) => (row[width * 2] ?? ' ') === ' ')).toBe(true);
  });

  it('writes the extremes at the axis: below their cells for whole numbers', () => {
    expect(draw(histogram([0.5, 0.5], [1, 0], [-3.25, 0, 1e300]))).toContainEqual(
      expect.stringMatching(/^ +-3\.25 .*1e\+300$/),
    );
    const whole = draw(histogram([0.1, 0.2, 0.7], [0, 0, 1], [0.5, 1.5, 2.5, 3.5]));
    expect(whole.at(-1)).toMatch(/^ +1 +2 +3$/);
    expect(whole[2]).toMatch(/^100 % ┤/);
  });
});

describe('bars', () => {
  const bars = (cells: readonly (readonly [string, number, number])[]): Plot => ({
    kind: 'bars',
    title: 'carrier',
    notes: [],
    shape: { kind: 'categories', cells: cells.map(([name, reference, current]) => ({ name, reference, current })) },
  });

  it('has bars as long as their shares, and the share behind each', () => {
    const lines = draw(
      bars([
        ['AA', 0.8, 0.2],
        ['BB', 0.2, 0.8],
      ]),
      120,
    ).slice(2);
    const lengths = lines.map((text) => (text.match(/[█⣿]/g) ?? []).length);
    const [longest = 0] = lengths;
    expect(longest).toBeGreaterThan(80);
    // The last half of a column has a mark of its own, and the last eighths too.
    for (const quarter of [lengths[1], lengths[2]]) expect(Math.abs((quarter ?? 0) - longest / 4)).toBeLessThan(1);
    expect(lengths[3]).toBe(longest);
    expect(lines.map((text) => /(\d+) %$/.exec(text)?.[1])).toEqual(['80', '20', '20', '80']);
  });

  it('shortens long names, and shows control characters instead of obeying them', () => {
    const lines = draw(
      bars([
        ['x'.repeat(500), 0.5, 0.5],
        ['\u001b[31mred\n::error::', 0.5, 0.5],
      ]),
    );
    expect(lines.every((text) => columnsOf(text) <= 79)).toBe(true);
    expect(lines.join('\n')).toContain('x…');
    expect(lines.join('')).not.toContain('\u001b');
    expect(lines.join('')).toContain('\\x1b[31mred\\n');
  });
});

describe('series', () => {
  /** Row and column of each point. */
  const places = (lines: readonly string[], mark = '●'): readonly (readonly [number, number])[] =>
    drawn(lines)
      .slice(0, 9)
      .flatMap((row, at) => [...row].flatMap((one, column): [number, number][] => (one === mark ? [[at, column]] : [])))
      .sort((a, b) => a[1] - b[1]);

  it('puts the largest value at the top and the least at the bottom, and says both at the axis', () => {
    const lines = draw(series([0.5, 0.9, 0.7]));
    expect(places(lines).map(([row]) => row)).toEqual([8, 0, 4]);
    expect(lines[1]).toMatch(/^0\.9 ┤/);
    expect(lines[9]).toMatch(/^0\.5 ┤/);
    expect(lines[5]).toMatch(/^0\.7 ┤/);
  });

  it('places points by their time', () => {
    const day = 86_400_000;
    const points = [0, 1, 4].map((x) => ({ x: x * day, y: x }));
    const lines = draw(series([], { axis: 'time', axisUnit: 'UTC', points }));
    const [first, second, last] = places(lines).map(([, column]) => column);
    expect(first).toBe(0);
    expect((second ?? 0) / (last ?? 1)).toBeCloseTo(0.25, 1);
    expect(lines.join('\n')).toMatch(/1970-01-01 +1970-01-03 +1970-01-05/);
  });

  it('draws a limit as a line across the chart, and within its range', () => {
    const lines = draw(series([0.7, 0.8], { levels: [{ value: 0.6, label: 'gate: min 0.6' }] }));
    expect(lines[9]).toMatch(/^ *0\.6 ┤╌{60,}$/);
    expect(lines.at(-1)).toContain('╌╌ gate: min 0.6');
  });

  it('draws intervals from their lower to their upper end', () => {
    const points = [
      { x: 0, y: 0.5, lower: 0, upper: 1 },
      { x: 1, y: 0.5 },
    ];
    const column = drawn(draw(series([], { points }))).map((row) => row[0]);
    expect(column.slice(0, 9)).toEqual(['┬', '│', '│', '│', '●', '│', '│', '│', '┴']);
  });

  it.each([
    ['one point', [0.5], /0\.5 ┤●/],
    ['a flat series', [3, 3, 3], /3 ┤●.*●.*●/],
    ['values that differ late', [0.700001, 0.700002], /0\.700002 ┤/],
    ['the largest doubles', [-1.7e308, 1.7e308], /1\.7e\+308 ┤/],
    ['tiny values', [1e-12, 3e-12], /3e-12 ┤/],
    [
      'values that are not finite',
      [1, Number.NaN, Number.POSITIVE_INFINITY, 2],
      /not drawn: 2 values that are not finite/,
    ],
    ['nothing finite', [Number.NaN], /no finite value to draw/],
    ['no points', [], /no finite value to draw/],
  ])('draws %s', (_, values, expected) => {
    const lines = draw(series(values));
    expect(lines.join('\n')).toMatch(expected);
    expect(lines.join('')).not.toMatch(/NaN|undefined/);
  });
});

it.each([40, 60, 80, 140, 1000])('never is wider than %i columns', (columns) => {
  const plots: readonly Plot[] = [
    series([1, 2, 3], { levels: [{ value: 2, label: 'gate: min 2' }] }),
    histogram(
      Array.from({ length: 32 }, () => 1 / 32),
      Array.from({ length: 32 }, (_, i) => i / 496),
    ),
  ];
  for (const isUnicode of [true, false])
    for (const plot of plots) {
      const lines = draw(plot, columns, isUnicode);
      expect(Math.max(...lines.map(columnsOf))).toBeLessThan(columns);
    }
});

it('is pure ASCII where the locale is, with two marks that differ', () => {
  const lines = draw(histogram([0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]), 80, false);
  expect(lines.join('')).toMatch(/^[ -~]*$/);
  const rows = drawn(lines);
  expect(rows.slice(0, 8).every((row) => row.startsWith(':'))).toBe(true);
  expect(rows[0]).toMatch(/^:+#+$/);
});
