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
