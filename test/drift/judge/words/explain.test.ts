import { describe, expect, it } from 'vitest';
import { alignColumns, type ColumnCells } from '../../../../src/drift/judge/cells.js';
import { categoryPair } from '../../../../src/drift/judge/effects/few-values.js';
import {
  explainDrift,
  explainMissing,
  explainRate,
  explainUnseen,
  movedCells,
} from '../../../../src/drift/judge/explain.js';
import { compareMissing } from '../../../../src/drift/judge/missing-share.js';
import { numbers, repeated, texts, uniforms, windowOf } from '../columns.js';

const NONE = { reference: 0, current: 0 };
const categories = (
  values: readonly string[],
  reference: readonly number[],
  current: readonly number[],
): ColumnCells => ({
  ...{ kind: 'categorical', edges: [], values, missing: NONE, reference, current },
});
const names = (cells: ColumnCells): readonly string[] => movedCells(cells).map((one) => one.cell);

describe('the cells that moved most', () => {
  it('are shares of all rows, missing ones too', () => {
    const cells = { ...categories(['a', 'b'], [60, 40, 0], [20, 80, 0]), missing: { reference: 100, current: 300 } };
    expect(movedCells(cells)).toEqual([
      { cell: 'a', before: 0.3, after: 0.05 },
      { cell: 'missing', before: 0.5, after: 0.75 },
    ]);
  });

  it('are three at most, each by half a row of a hundred and more', () => {
    expect(names(categories(['a', 'b', 'c', 'd'], [400, 300, 200, 100, 0], [100, 350, 300, 250, 0]))).toEqual([
      'a',
      'd',
      'c',
    ]);
    expect(names(categories(['a', 'b', 'c'], [500, 495, 5, 0], [500, 500, 0, 0]))).toEqual(['c', 'b']);
    expect(names(categories(['a', 'b', 'c'], [5000, 4951, 49, 0], [5000, 5000, 0, 0]))).toEqual([]);
  });

  it('begin with the rarer of two values that exchange rows', () => {
    expect(names(categories(['a', 'b'], [90, 10, 0], [70, 30, 0]))).toEqual(['b', 'a']);
    expect(names(categories(['b', 'a'], [10, 90, 0], [30, 70, 0]))).toEqual(['b', 'a']);
  });

  it('name values as they are, or in quotes where they would not be seen', () => {
    const odd = ['x y', '', ' pad', 'missing', 'other', 'a"b', 'l'.repeat(40), 'l'.repeat(41)];
    const named = odd.map((value) => names(categories([value], [0, 100], [100, 0]))[0]);
    expect(named).toEqual([
      'x y',
      '""',
      '" pad"',
      '"missing"',
      '"other"',
      'a\\"b',
      'l'.repeat(40),
      `${'l'.repeat(40)}…`,
    ]);
    expect(names(categories(['a'], [100, 0], [0, 100]))).toEqual(['a', 'other']);
    expect(names({ ...categories(['missing'], [0, 100], [100, 0]), isHashed: true })[0]).toBe('missing');
  });

  it('of an empty window are none', () => {
    expect(movedCells(categories([], [0], [0]))).toEqual([]);
  });
});

describe('the cells of numbers', () => {
  const cells = (before: readonly number[], now: readonly number[]): ColumnCells => {
    const reference = numbers(before);
    const aligned = alignColumns(reference, windowOf(reference, now), { isNumeric: true });
    if (aligned === undefined) throw new Error('numbers can be compared');
    return aligned;
  };
  const grid = Array.from({ length: 200 }, (_, i) => i);

  it('are ranges: the first holds its lower end too', () => {
    expect(
      names(
        cells(
          grid,
          repeated([
            [3, 100],
            [60, 60],
            [195, 40],
          ]),
        ),
      ),
    ).toEqual(['0 … 9', '59 … 69', '189 … 199']);
    expect(names(cells(grid, repeated([[0, 200]])))[0]).toBe('0 … 9');
    expect(names(cells(grid, repeated([[10, 200]])))[0]).toBe('9 … 19');
  });

  it('are below all and above all that the reference has', () => {
    expect(
      names(
        cells(
          grid,
          repeated([
            [-1, 120],
            [250, 80],
          ]),
        ),
      ),
    ).toEqual(['below 0 (under)', 'above 199 (over)', expect.anything()]);
  });

  it('are single values where one holds a twentieth and more', () => {
    const spiky = [...grid, ...repeated([[50, 100]])];
    expect(names(cells(spiky, repeated([[50, 300]])))[0]).toBe('44 … 50');
    const dice = repeated([
      [1, 50],
      [2, 50],
      [3, 50],
    ]);
    expect(
      names(
        cells(
          dice,
          repeated([
            [1, 20],
            [2, 30],
            [3, 100],
          ]),
        ),
      ),
    ).toEqual(['3', '1', '2']);
    const constant = repeated([[7, 100]]);
    expect(
      names(
        cells(
          constant,
          repeated([
            [7, 50],
            [9, 50],
          ]),
        ),
      ),
    ).toEqual(['above 7 (over)', '7']);
  });
});

describe('the sentence of a column that drifts', () => {
  const before = numbers(uniforms(101, 0, 101));
  const now = windowOf(before, uniforms(101, 30, 101));
  const cells = alignColumns(before, now);
  const moved = [{ cell: 'a', before: 0.1, after: 0.35 }];
  const unseen = { share: 0.04, expected: 0.001, limit: 0.01, threshold: 0.06 };
  const say = (
    profiles: { reference: typeof before; current: typeof before },
    more: Partial<Parameters<typeof explainDrift>[2]> = {},
  ) => {
    if (cells === undefined) throw new Error('numbers can be compared');
    return explainDrift(profiles, cells, { moved, unseen: undefined, ...more });
  };

  it('says how the median moved, and the cell that moved most', () => {
    expect(say({ reference: before, current: now })).toBe(
      'the median went from 50.5 to 80.5; a: 10 % of the rows, now 35 %',
    );
    expect(say({ reference: before, current: before })).toBe('a: 10 % of the rows, now 35 %');
    expect(say({ reference: before, current: now }, { moved: [] })).toBe('the median went from 50.5 to 80.5');
    const even = numbers([1, 2, 3, 4]);
    expect(say({ reference: even, current: numbers([5, 6, 7, 8]) }, { moved: [] })).toBe('the median went from 2 to 6');
    expect(say({ reference: before, current: texts({ a: 5 }) }, { moved: [] })).toBe('');
    expect(say({ reference: texts({ a: 5 }), current: before }, { moved: [] })).toBe('');
  });

  it('says what is new, where that is more than chance and worth a word', () => {
    const news = (of: Partial<typeof unseen>) =>
      say({ reference: before, current: before }, { unseen: { ...unseen, ...of }, moved: [] });
    expect(news({})).toBe('4 % of the values are new (0.1 % expected)');
    expect(news({ share: 0.01 })).toBe('');
    expect(news({ share: 0.005, limit: 0.001 })).not.toBe('');
    expect(news({ share: 0.0049, limit: 0.001 })).toBe('');
  });

  it('has no median of two numbers that are counted as categories', () => {
    const [zero, one] = [
      numbers(
        repeated([
          [0, 70],
          [1, 30],
        ]),
      ),
      numbers(
        repeated([
          [0, 40],
          [1, 60],
        ]),
      ),
    ];
    const aligned = alignColumns(zero, one);
    if (aligned === undefined) throw new Error('they can be compared');
    expect(
      explainDrift({ reference: zero, current: one }, aligned, { moved: movedCells(aligned), unseen: undefined }),
    ).toBe('1: 30 % of the rows, now 60 %');
  });
});

it('says what else moved', () => {
  expect(explainRate({ value: 'missing', before: 0.02, after: 0.08, ratio: 4, threshold: 1.5, pValue: 0 })).toBe(
    '"missing": 2 % of the values, now 8 %',
  );
  expect(explainUnseen({ share: 0.123456, expected: 0.01, limit: 0.02, threshold: 0.07 })).toBe(
    '12.3 % of the values are new; 1 % were expected to be',
  );
  const gaps = (missing: number, notFinite: number) => ({ ...numbers(uniforms(10)), rows: 100, missing, notFinite });
  expect(explainMissing(compareMissing(gaps(1, 0), gaps(20, 0), 0.001))).toBe(
    '20 % of the values are missing, it was 1 %',
  );
  expect(explainMissing(compareMissing(gaps(1, 0), gaps(15, 5), 0.001))).toBe(
    '20 % of the values are missing or not finite, it was 1 %',
  );
});

describe('a number column as categories', () => {
  const values = (...counts: readonly (readonly [number, number])[]) => numbers(repeated(counts));
  it('has its values, the most frequent first, then by name', () => {
    const pair = categoryPair(values([0, 30], [1, 70]), values([1, 10], [2, 10], [0, 1], [10, 1]));
    expect(pair?.reference.top).toEqual([
      { value: '1', count: 70 },
      { value: '0', count: 30 },
    ]);
    expect(pair?.current.top).toEqual([
      { value: '1', count: 10 },
      { value: '2', count: 10 },
      { value: '0', count: 1 },
      { value: '10', count: 1 },
    ]);
    expect(pair?.current).toMatchObject({ otherRows: 0, singletons: 2 });
    expect(pair?.reference.singletons).toBe(0);
  });

  it('has them without the rows that are missing, where only ranks were kept', () => {
    const { numeric, ...column } = values([0, 30], [1, 70]);
    if (numeric === undefined) throw new Error('numbers');
    const { counts: _, ...ranks } = numeric;
    const pair = categoryPair({ ...column, rows: 250, missing: 50, numeric: ranks }, values([0, 50], [1, 50]));
    expect(pair?.reference.top.map((one) => one.value)).toEqual(['1', '0']);
    expect(pair?.reference.top[0]?.count).toBeCloseTo(140, 6);
  });

  it.each([
    ['three values', values([0, 30], [1, 60], [2, 10]), values([0, 50], [1, 50])],
    ['infinite ones', { ...values([0, 30], [1, 70]), notFinite: 1 }, values([0, 50], [1, 50])],
    ['values that were not kept', { ...values([0, 30], [1, 70]), distinct: 3 }, values([0, 50], [1, 50])],
    [
      'more than twenty now',
      values([0, 30], [1, 70]),
      numbers(repeated(Array.from({ length: 21 }, (_, i) => [i, 5] as const))),
    ],
    ['text now', values([0, 30], [1, 70]), texts({ a: 50 })],
    ['text then', texts({ a: 50 }), values([0, 30], [1, 70])],
  ])('stays one of numbers with %s', (_, before, now) => {
    expect(categoryPair(before, now)).toBeUndefined();
  });

  it('may have twenty values now', () => {
    const twenty = numbers(repeated(Array.from({ length: 20 }, (_, i) => [i, 5] as const)));
    expect(categoryPair(values([0, 30], [1, 70]), twenty)?.current.top).toHaveLength(20);
  });
});
