import { describe, expect, it } from 'vitest';
import type { ColumnCells } from '../../../../src/drift/judge/cells.js';
import { type Measured, methodFor } from '../../../../src/drift/judge/distance-methods.js';
import { groupSpans, type History, historyOf } from '../../../../src/drift/judge/order/history.js';
import { wanderLimit } from '../../../../src/drift/judge/order/wander.js';
import { normalQuantile } from '../../../../src/statistics/normal.js';
import { normalTail } from '../../../../src/statistics/special-functions.js';
import { inOrder, numbers, repeated, texts, uniforms } from '../columns.js';

const ALPHA = 0.001;
const NONE = { reference: 0, current: 0 };
const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);

const TVD = methodFor('tvd', 'categorical');
/** Ten spans of a hundred rows; so many of them say yes. */
const YES = [50, 60, 40, 70, 30, 55, 45, 65, 35, 50];
const yesNo = (yes: readonly number[], size = 100, counted = 1): History => ({
  ...{ kind: 'categorical', edges: [], values: ['yes', 'no'], isDiscrete: false, counted },
  spans: yes.map((count) => [count, size - count, 0]),
});
const windowOf = (before: readonly [number, number], yes: number, no: number, missing = NONE): ColumnCells => ({
  ...{ kind: 'categorical', edges: [], values: ['yes', 'no'], missing },
  ...{ reference: [...before, 0], current: [yes, no, 0] },
});
const measure = (cells: ColumnCells, method = TVD): Measured => {
  const measured = method.measure(cells, ALPHA);
  if (measured === undefined) throw new Error('it can be measured');
  return measured;
};
const wander = (history: History, cells: ColumnCells, method = TVD) =>
  wanderLimit({ history, cells, method, measured: measure(cells, method), alpha: ALPHA });

/** A normal variable's limit over the median of its largest of so many, and a quarter more. */
const timesOf = (groups: number): number =>
  (1.25 * normalQuantile(ALPHA / 2)) / normalQuantile((1 - 0.5 ** (1 / groups)) / 2);

describe('the limit of rows that follow each other', () => {
  const cells = windowOf([500, 500], 90, 10);
  // by hand: the variance of the spans is 6.667 times that of independent rows, so a window of 100 rows is worth 15
  const INFLATION = 6 + 2 / 3;

  it('is that of fewer rows: the variance between spans says how many', () => {
    const found = wander(yesNo(YES), cells);
    expect(found.inflation).toBeCloseTo(INFLATION, 9);
    const fewer = (counts: readonly number[]) => counts.map((count) => count / INFLATION);
    const effective = measure({ ...cells, reference: fewer(cells.reference), current: fewer(cells.current) });
    const farthest = Math.hypot(measure(cells).limit, timesOf(10) * (0.7 - 430 / 900));
    expect(found.limit).toBeCloseTo(Math.min(effective.limit, farthest), 9);
    expect(effective.limit).toBeLessThan(farthest);
    expect(found.pValue).toBeCloseTo(effective.pValue, 9);
  });

  it('is that of independent rows, where the spans vary no more than those', () => {
    const even = yesNo([50, 53, 47, 52, 48, 51, 49, 54, 46, 50]);
    const { limit, pValue } = measure(cells);
    expect(wander(even, cells)).toEqual({ limit, pValue, inflation: 1 });
    // four spans and more make an estimate
    expect(wander(yesNo([20, 80, 20]), windowOf([120, 180], 90, 10)).inflation).toBe(1);
    expect(wander(yesNo([20, 80, 20, 80]), windowOf([200, 200], 90, 10)).inflation).toBeGreaterThan(1);
  });

  it('is the same, whether all rows of the spans were counted or a sample of them', () => {
    const tenth = yesNo(YES, 100, 0.1);
    const long = windowOf([5000, 5000], 900, 100);
    expect(wander(tenth, long).inflation).toBeGreaterThan(INFLATION);
  });

  it('counts missing rows as fewer too', () => {
    const gaps = { reference: 200, current: 20 };
    const found = wander(yesNo(YES), windowOf([500, 500], 90, 10, gaps));
    const at = (n: number) => n / INFLATION;
    const fewer = windowOf([at(500), at(500)], at(90), at(10), { reference: at(200), current: at(20) });
    expect(found.limit).toBeCloseTo(measure(fewer).limit, 9);
  });

  it('is less for a window that is longer than the spans', () => {
    const [long, short] = [windowOf([500, 500], 180, 20), windowOf([500, 500], 45, 5)].map((one) =>
      wander(yesNo(YES), one),
    );
    // 200 rows are pairs of spans: they vary less than single ones, and more than two independent spans would
    expect(long?.inflation).toBeLessThan(2 * INFLATION);
    expect(short?.inflation).toBeLessThan(INFLATION);
    expect(short?.inflation).toBeGreaterThan(3);
  });
});

describe('the farthest span', () => {
  /** Spans that wander within bounds: half of them lie at one end, half at the other. */
  const seasons = yesNo([65, 35, 65, 35, 65, 35, 65, 35, 65, 35, 65, 35, 65, 35, 65, 35, 65, 35, 65, 35]);
  const cells = windowOf([1000, 1000], 99, 1);
  it('is the sharper limit where spans wander within bounds', () => {
    const found = wander(seasons, cells);
    const most = 0.65 - (1000 - 65) / 1900;
    const expected = Math.hypot(measure(cells).limit, timesOf(20) * most);
    expect(found.limit).toBeCloseTo(expected, 9);
    const ratio = measure(cells).score / expected;
    expect(found.pValue).toBeCloseTo(2 * normalTail(-normalQuantile(ALPHA / 2) * ratio), 9);
  });

  it.each(['psi', 'chi_square', 'jensen_shannon'] as const)(
    'decides alone where the distance has no law for so few rows: %s',
    (name) => {
      const method = methodFor(name, 'categorical');
      const on = yesNo([0, 100, 0, 100, 0, 100, 0, 100, 0, 100]);
      const found = wander(on, windowOf([500, 500], 90, 10), method);
      expect(found.inflation).toBeGreaterThan(50);
      expect(Number.isFinite(found.limit)).toBe(true);
      expect(found.limit).toBeGreaterThan(measure(windowOf([500, 500], 100, 0), method).score);
    },
  );

  it('is left out where it is a freak: more than 2.5 times as far as the others, a tenth of the rows at most', () => {
    const one = yesNo([52, 48, 52, 48, 52, 48, 52, 48, 52, 95]);
    expect(wander(one, windowOf([547, 453], 90, 10)).inflation).toBe(1);
    const two = yesNo([52, 48, 52, 48, 52, 48, 52, 48, 95, 95]);
    expect(wander(two, windowOf([590, 410], 90, 10)).inflation).toBeGreaterThan(10);
    const near = yesNo([60, 40, 60, 40, 60, 40, 60, 40, 60, 65]);
    expect(wander(near, windowOf([525, 475], 90, 10)).inflation).toBeGreaterThan(3);
  });
});

describe('a number column', () => {
  const KS = methodFor('ks', 'numeric');
  /** Three values; the lower two change places from span to span, the third is in four rows of a hundred always. */
  const history: History = {
    ...{ kind: 'numeric', edges: [-0.5, 0, 1, 2], values: [], isDiscrete: true, counted: 1 },
    spans: Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? [0, 76, 20, 4, 0] : [0, 20, 76, 4, 0])),
  };
  const window = (current: readonly number[]): ColumnCells => ({
    ...{ kind: 'numeric', edges: [-0.5, 0, 1, 2], values: [], isDiscrete: true, missing: NONE },
    ...{ reference: [0, 480, 480, 40, 0], current },
  });

  it('has a limit at each point, and the one that the window exceeds most counts', () => {
    const low = wander(history, window([0, 95, 5, 0, 0]), KS);
    const cells = window([0, 5, 40, 55, 0]);
    const high = wander(history, cells, KS);
    const measured = measure(cells, KS);
    // at the third value no span has ever moved: the limit there is that of independent rows
    expect(high.limit).toBeCloseTo((measured.limit * measured.score) / 0.51, 9);
    expect(measured.score).toBeCloseTo(0.51, 9);
    expect(low.limit).toBeGreaterThan(0.7);
  });

  it('is given a wider limit at a point that is not the farthest', () => {
    const moving: History = {
      ...history,
      spans: history.spans.map((_, i) => [0, i % 2 === 0 ? 76 : 20, i % 2 === 0 ? 16 : 72, 8 - (i % 4 < 2 ? 4 : 0), 0]),
    };
    const cells = { ...window([0, 2, 68, 30, 0]), reference: [0, 480, 460, 60, 0] };
    const measured = measure(cells, KS);
    const all = moving.spans.reduce((one, other) => one.map((count, i) => count + (other[i] ?? 0)));
    const third = moving.spans.map((span) => {
      const rest = (all[3] ?? 0) - (span[3] ?? 0);
      return Math.abs((span[3] ?? 0) / sum(span) - rest / (sum(all) - sum(span)));
    });
    const expected = Math.hypot(measured.limit, 1.4 * timesOf(10) * Math.max(...third));
    const move = 0.3 - (all[3] ?? 0) / sum(all);
    const found = wander(moving, cells, KS);
    expect(found.limit).toBeGreaterThan(0);
    expect(found.limit / ((expected * measured.score) / move)).toBeGreaterThan(0.8);
    expect(found.limit / ((expected * measured.score) / move)).toBeLessThan(1.2);
  });
});

describe('the history of a column', () => {
  it('is none where its rows have no order', () => {
    expect(historyOf(numbers(uniforms(100)), 'numeric')).toBeUndefined();
    expect(historyOf({ ...numbers(uniforms(100)), history: [] }, 'numeric')).toBeUndefined();
  });

  it('of numbers has their coarse edges', () => {
    const column = inOrder(uniforms(400), 4);
    expect(historyOf(column, 'numeric')).toMatchObject({ kind: 'numeric', counted: 1, values: [], isDiscrete: false });
    expect(historyOf(column, 'numeric')?.edges).toHaveLength((column.history?.[0]?.length ?? 0) - 1);
    expect(historyOf({ ...column, rows: 1700, missing: 100 }, 'numeric')?.counted).toBe(0.25);
    expect(historyOf({ ...column, rows: 100 }, 'numeric')?.counted).toBe(1);
    const few = inOrder(
      repeated([
        [1, 50],
        [2, 50],
      ]),
      4,
    );
    expect(historyOf(few, 'numeric')?.isDiscrete).toBe(true);
  });

  it('of two numbers as categories has their values', () => {
    const few = inOrder(
      repeated([
        [1, 50],
        [2, 50],
      ]),
      2,
    );
    expect(historyOf(few, 'categorical')).toMatchObject({
      ...{ kind: 'categorical', edges: [], values: ['1', '2'], isDiscrete: false },
      spans: [
        [50, 0, 0],
        [0, 50, 0],
      ],
    });
  });

  it('of text has its most frequent values', () => {
    const counts = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`v${String(i).padStart(2, '0')}`, 100 - i]),
    );
    const spans = [[1, 2]];
    const history = historyOf({ ...texts(counts), history: spans }, 'categorical');
    expect(history).toMatchObject({ edges: [], spans });
    expect(history?.values).toHaveLength(30);
    expect(history?.values[29]).toBe('v29');
  });
});

describe('spans joined to about so many rows', () => {
  const spans = [
    [5, 5],
    [5, 5],
    [5, 5],
    [5, 5],
    [5, 5],
  ];
  it.each<[string, readonly (readonly number[])[], number, readonly (readonly number[])[]]>([
    ['each as it is', spans, 10, spans],
    [
      'pairs, and the last joins them',
      spans,
      20,
      [
        [10, 10],
        [15, 15],
      ],
    ],
    [
      'three quarters are enough',
      [
        [3, 5],
        [4, 3],
        [2, 2],
      ],
      10,
      [
        [3, 5],
        [6, 5],
      ],
    ],
    [
      'seven and a half are enough of ten',
      [
        [3.5, 4],
        [4, 4],
      ],
      10,
      [
        [3.5, 4],
        [4, 4],
      ],
    ],
    [
      'an empty rest',
      [
        [5, 5],
        [0, 0],
      ],
      10,
      [[5, 5]],
    ],
    ['too few for one', [[1, 1]], 10, []],
    ['none', [], 10, []],
  ])('%s', (_, given, rows, groups) => {
    expect(groupSpans(given, rows)).toEqual(groups);
  });
});

describe('the variance that rows of a span have in common', () => {
  /** Spans that rise, so that neighbours are alike. */
  const rise = yesNo([30, 32, 40, 38, 50, 52, 60, 58, 70, 70]);

  // analysis of variance of single spans (0.056667 and 0.076044) and of pairs (0.01375 and 0.0914), by numpy
  it.each([
    [50, 3.83333, 4.80222],
    [100, 6.66667, 8.60444],
    [200, 6.66667, 19.28],
    [400, 6.66667, 19.28],
  ])('of a window of %i rows is that of spans as long, or of shorter ones', (rows, mixed, rising) => {
    const cells = windowOf([500, 500], rows * 0.9, rows * 0.1);
    expect(wander(yesNo(YES), cells).inflation).toBeCloseTo(mixed, 4);
    expect(wander(rise, cells).inflation).toBeCloseTo(rising, 4);
  });

  it('is that of the other spans where one is a freak', () => {
    const seasons = Array.from({ length: 19 }, (_, i) => (i % 2 === 0 ? 60 : 40));
    const cells = windowOf([1000, 1000], 90, 10);
    const usual = wander(yesNo(seasons), cells);
    expect(usual.inflation).toBeGreaterThan(3);
    const freak = wander(yesNo([...seasons, 98]), cells);
    expect(freak.inflation).toBeCloseTo(usual.inflation, 9);
    expect(freak.limit).toBeCloseTo(usual.limit, 9);
  });
});

describe('a test statistic', () => {
  const CHI = methodFor('chi_square', 'categorical');
  const two = (a: number, b: number, c: number, d: number): number =>
    ((a + b + c + d) * (a * d - b * c) ** 2) / ((a + b) * (c + d) * (a + c) * (b + d));

  it('has the limit of independent rows times their inflation', () => {
    const cells = windowOf([500, 500], 90, 10);
    const inflation = 6 + 2 / 3;
    const found = wander(yesNo(YES), cells, CHI);
    // one of a thousand chi-squares with one degree of freedom is above 10.8276
    expect(found.limit).toBeCloseTo(10.8276 * inflation, 2);
    const score = two(500, 500, 90, 10);
    expect(measure(cells, CHI).score).toBeCloseTo(score, 9);
    expect(found.pValue).toBeCloseTo(2 * normalTail(Math.sqrt(score / inflation)), 9);
  });

  it('of the farthest span counts the rows of both, and grows with the square of a move', () => {
    const spans = [5, 95, 5, 95, 5, 95, 5, 95, 5, 95];
    const cells = windowOf([500, 500], 90, 10);
    const found = wander(yesNo(spans), cells, CHI);
    // five of a hundred against 495 of 900
    const farthest = two(495, 405, 5, 95);
    const rows = (1 / 900 + 1 / 100) / (1 / 1000 + 1 / 100);
    const limit = farthest * rows * timesOf(10) ** 2;
    expect(found.limit).toBeCloseTo(limit, 6);
    const ratio = Math.sqrt(two(500, 500, 90, 10) / limit);
    expect(found.pValue).toBeCloseTo(2 * normalTail(-normalQuantile(ALPHA / 2) * ratio), 9);
  });
});

it('of an index the farthest span grows with the square of a move, whatever the rows', () => {
  const PSI = methodFor('psi', 'categorical');
  const found = wander(yesNo([5, 95, 5, 95, 5, 95, 5, 95, 5, 95]), windowOf([500, 500], 90, 10), PSI);
  // half a row is added to each of three cells: five of a hundred against 495 of 900, and none of the rest
  const index = (p: readonly number[], q: readonly number[]): number =>
    sum(p.map((share, i) => ((q[i] ?? 0) - share) * Math.log((q[i] ?? 0) / share)));
  const [both, three] = [
    index([495.5 / 901, 405.5 / 901], [5.5 / 101, 95.5 / 101]),
    index([495.5 / 901.5, 405.5 / 901.5, 0.5 / 901.5], [5.5 / 101.5, 95.5 / 101.5, 0.5 / 101.5]),
  ];
  const limits = [both, three].map((one) => one * timesOf(10) ** 2);
  expect(limits.some((limit) => Math.abs(limit - found.limit) < 1e-9)).toBe(true);
});

it('a number column has the inflation of its cumulative shares', () => {
  const numeric: History = {
    ...{ kind: 'numeric', edges: [-0.5, 0, 1, 2], values: [], isDiscrete: true, counted: 1 },
    spans: Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? [0, 76, 20, 4, 0] : [0, 20, 76, 4, 0])),
  };
  const cells: ColumnCells = {
    ...{ kind: 'numeric', edges: [-0.5, 0, 1, 2], values: [], isDiscrete: true, missing: NONE },
    ...{ reference: [0, 480, 480, 40, 0], current: [0, 95, 5, 0, 0] },
  };
  // by numpy: the variance of the spans is 30.247 times that of independent rows
  expect(wander(numeric, cells, methodFor('ks', 'numeric')).inflation).toBeCloseTo(30.24691, 4);
});
