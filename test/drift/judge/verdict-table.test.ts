import { describe, expect, it } from 'vitest';
import type { ColumnProfile, TableProfile } from '../../../src/domain/data/profile.js';
import { compareColumn } from '../../../src/drift/judge/compare-column.js';
import { alphaFor, compareTables } from '../../../src/drift/judge/judge-table.js';
import { normals, numbers, OPTIONS, repeated, tableOf, texts, uniforms, verdictOf, windowOf } from './columns.js';

/** So many rows that only effect sizes decide. */
const MANY = 20_000;

const moved = (before: readonly number[], after: readonly number[], alpha?: number): string => {
  const reference = numbers(before);
  return verdictOf(reference, windowOf(reference, after), alpha);
};

describe('effect sizes, just below and just above', () => {
  it.each([
    ['a shift of a uniform column by 0.065 of its range', uniforms(MANY), uniforms(MANY, 0.065), 'stable'],
    ['… by 0.071', uniforms(MANY), uniforms(MANY, 0.071), 'drift'],
    ['a normal column 0.16 deviations higher', normals(MANY), normals(MANY, 0.16), 'stable'],
    ['… 0.19 deviations', normals(MANY), normals(MANY, 0.19), 'drift'],
    ['… 0.19 deviations lower', normals(MANY), normals(MANY, -0.19), 'drift'],
    ['a deviation 1.28 times as large', normals(MANY), normals(MANY, 0, 1.28), 'stable'],
    ['… 1.4 times', normals(MANY), normals(MANY, 0, 1.4), 'drift'],
    ['… and 1.4 times smaller', normals(MANY), normals(MANY, 0, 1 / 1.4), 'drift'],
  ])('%s', (_, before, after, verdict) => {
    expect(moved(before, after)).toBe(verdict);
  });

  const share = (percent: number, rows = MANY): ColumnProfile => {
    const yes = Math.round((percent / 100) * rows);
    return texts({ yes, no: rows - yes });
  };
  it.each([
    ['a share from 30 to 35.3 %', share(30), share(35.3), 'stable'],
    ['a share from 30 to 36 %', share(30), share(36), 'drift'],
    ['a rate that rises by a third', share(2, 100_000), share(2.67, 100_000), 'stable'],
    ['a rate that rises by nearly a half', share(2, 100_000), share(2.95, 100_000), 'drift'],
    ['a rate that falls by a quarter', share(2.67, 100_000), share(2, 100_000), 'stable'],
    ['a rate that falls by a third', share(2.95, 100_000), share(2, 100_000), 'drift'],
    ['a rate of 2 %, four times as high', share(2, 3000), share(8, 3000), 'drift'],
    ['a rate of 0.1 %, four times as high', share(0.1, 100_000), share(0.4, 100_000), 'drift'],
    ['a value that never was, in 0.9 %', share(0, 50_000), share(0.9, 50_000), 'stable'],
    ['a value that never was, in 1.1 %', share(0, 50_000), share(1.1, 50_000), 'drift'],
  ])('%s', (_, before, after, verdict) => {
    expect(verdictOf(before, after)).toBe(verdict);
  });

  const many = (first: number): ColumnProfile => {
    const rest = Math.round((100_000 - first) / 19);
    return texts({ rare: first, ...Object.fromEntries(Array.from({ length: 19 }, (_, i) => [`v${i}`, rest])) });
  };
  it.each([
    ['one value of twenty from 1.2 to 1.85 %', many(1200), many(1850), 'stable'],
    ['one value of twenty from 1.2 to 2 %', many(1200), many(2000), 'drift'],
    ['one value of twenty from 2 to 1.2 %', many(2000), many(1200), 'drift'],
    ['one value of twenty from 0.4 to 0.98 %', many(400), many(980), 'stable'],
    ['one value of twenty from 0.4 to 1.02 %', many(400), many(1020), 'drift'],
  ])('%s', (_, before, after, verdict) => {
    expect(verdictOf(before, after)).toBe(verdict);
  });

  it('names the value whose rate changed, and its ratio', () => {
    const judged = compareColumn(many(1200), many(2000), OPTIONS);
    expect(judged).toMatchObject({ method: 'value_ratio', detail: 'rare: 1.2 % of the values, now 2 %' });
    expect(judged.score).toBeCloseTo(2000.5 / 1200.5, 3);
    expect(judged.threshold).toBeCloseTo(1.5 * Math.exp(1.2816 * Math.sqrt(1 / 1200.5 + 1 / 2000.5)), 3);
    expect(judged.pValue).toBeLessThan(1e-20);
  });

  const steps = (ones: number): readonly number[] =>
    repeated([
      [0, 50_000],
      [1, ones],
      [2, 40_000],
      [3, 10_000 - ones],
    ]);
  it('counts the values of whole numbers by their rate too', () => {
    expect(moved(steps(1200), steps(1900))).toBe('drift');
    expect(moved(steps(1200), steps(1750))).toBe('stable');
  });
});

describe('a column of two values', () => {
  const zeroOne = (ones: number, pair: readonly [number, number] = [0, 1]): ColumnProfile =>
    numbers(
      repeated([
        [pair[0], MANY - ones],
        [pair[1], ones],
      ]),
    );
  const named = (ones: number): ColumnProfile => texts({ yes: ones, no: MANY - ones });
  const boolean = (ones: number): ColumnProfile => ({
    ...texts({ true: ones, false: MANY - ones }),
    type: 'boolean',
    sqlType: 'BOOLEAN',
  });

  it.each([
    [6000, 7600, 'drift'],
    [6000, 6300, 'stable'],
    [400, 800, 'drift'],
    [400, 440, 'stable'],
  ])('has one verdict however it is written: %d to %d', (before, after, verdict) => {
    const judged = [
      [zeroOne(before), zeroOne(after)],
      [zeroOne(before, [1, 2]), zeroOne(after, [1, 2])],
      [zeroOne(before, [-1, 1]), zeroOne(after, [-1, 1])],
      [named(before), named(after)],
      [boolean(before), boolean(after)],
    ].map(([a, b]) => (a === undefined || b === undefined ? undefined : compareColumn(a, b, OPTIONS)));
    const figures = judged.map((one) => [one?.verdict, one?.method, one?.score, one?.threshold, one?.pValue]);
    for (const one of figures) expect(one).toEqual(figures[0]);
    expect(figures[0]?.[0]).toBe(verdict);
  });

  it('stays one of numbers for a distance that only numbers have, or where it has more values now', () => {
    expect(compareColumn(zeroOne(6000), zeroOne(7600), { ...OPTIONS, method: 'ks' })).toMatchObject({
      kind: 'numeric',
      method: 'ks',
    });
    const shares = uniforms(MANY);
    expect(compareColumn(zeroOne(400), numbers(shares), OPTIONS)).toMatchObject({ kind: 'numeric', verdict: 'drift' });
  });

  it('says the rate of the rarer value', () => {
    expect(compareColumn(zeroOne(400), zeroOne(1600), OPTIONS).detail).toBe('1: 2 % of the rows, now 8 %');
  });
});

describe('rows', () => {
  it.each([
    [49, 'undecided', '1 more present values are needed'],
    [50, 'drift', undefined],
    [51, 'drift', undefined],
  ])('%d present ones', (rows, verdict, detail) => {
    const reference = numbers(uniforms(1000));
    for (const [a, b] of [
      [reference, windowOf(reference, uniforms(rows, 2))],
      [numbers(uniforms(rows, 2)), numbers(uniforms(1000))],
    ] as const) {
      const judged = compareColumn(a, b, OPTIONS);
      expect(judged.verdict).toBe(verdict);
      if (detail !== undefined) expect(judged).toMatchObject({ detail, undecidedBecause: 'too-few-rows' });
    }
  });

  it('counts missing rows as rows, not as present ones', () => {
    const gaps = [...uniforms(49), ...new Array<null>(500).fill(null)];
    const judged = compareColumn(numbers(uniforms(1000)), numbers(gaps), OPTIONS);
    expect(judged).toMatchObject({ verdict: 'drift', method: 'missing_share' });
  });
});

describe('false alarms are shared', () => {
  // a distance of 0.21 lies between the limits of one column and of fifty, at 200 rows
  const before = uniforms(200);
  const after = uniforms(200, 0.21);
  const wide = (first: readonly number[], columns: number): TableProfile =>
    tableOf(Array.from({ length: columns }, (_, i) => numbers(i === 0 ? first : before, `x${i}`)));
  const verdict = (columns: number, tables?: number): string =>
    compareTables(wide(before, columns), wide(after, columns), { ignore: [], dataBugs: [], tables }).verdict;

  it('among the columns of a table', () => {
    expect(verdict(1)).toBe('drift');
    expect(verdict(3)).toBe('drift');
    expect(verdict(50)).toBe('stable');
  });

  it('among segments', () => {
    expect(verdict(1, 3)).toBe('drift');
    expect(verdict(1, 50)).toBe('stable');
  });

  it('beyond three columns', () => {
    expect(alphaFor(0)).toBe(0.001);
    expect(alphaFor(1)).toBe(0.001);
    expect(alphaFor(3)).toBe(0.001);
    expect(alphaFor(4)).toBe(0.00075);
    expect(alphaFor(300)).toBeCloseTo(1e-5, 12);
  });
});

describe('missing values', () => {
  const gaps = (percent: number): ColumnProfile =>
    numbers(uniforms(MANY).map((value, i) => (i % 1000 < percent * 10 ? null : value)));
  it.each([
    [0, 5, 'stable'],
    [0, 5.4, 'drift'],
    [5.4, 0, 'drift'],
    [20, 25.2, 'stable'],
    [20, 26, 'drift'],
  ])('from %d to %d %%', (before, after, verdict) => {
    const judged = compareColumn(gaps(before), gaps(after), OPTIONS);
    expect(judged.verdict).toBe(verdict);
    if (verdict === 'drift')
      expect(judged).toMatchObject({
        method: 'missing_share',
        moved: [{ cell: 'missing' }],
        detail: `${after} % of the values are missing, it was ${before} %`,
      });
  });
});

describe('values never seen before', () => {
  // many new values, each too rare to count for itself
  const news = (percent: number): ColumnProfile => {
    const fresh = percent * 100;
    const known = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`v${i}`, (10_000 - fresh) / 20]));
    return texts({ ...known, ...Object.fromEntries(Array.from({ length: fresh / 20 }, (_, i) => [`new${i}`, 20])) });
  };
  const known = news(0);
  it.each([
    [5, 'stable'],
    [6, 'drift'],
  ])('in %d %% of the rows', (percent, verdict) => {
    const judged = compareColumn(known, news(percent), OPTIONS);
    expect(judged.verdict).toBe(verdict);
  });

  it('are expected as often as the reference has values that occur once', () => {
    const ids = (once: number, prefix: string): ColumnProfile =>
      texts({
        ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`v${i}`, (2000 - once) / 10])),
        ...Object.fromEntries(Array.from({ length: once }, (_, i) => [`${prefix}${i}`, 1])),
      });
    expect(verdictOf(ids(400, 'a'), ids(400, 'b'))).toBe('stable');
    expect(verdictOf(ids(400, 'a'), ids(700, 'b'))).toBe('drift');
  });
});

describe('columns without a distribution', () => {
  it.each([
    [500, 'undecided'],
    [499, 'stable'],
  ])('%d of 998 values occur once', (once, verdict) => {
    const column = texts({
      ...Object.fromEntries(Array.from({ length: once }, (_, i) => [`id${i}`, 1])),
      a: 998 - once,
    });
    const judged = compareColumn(column, column, OPTIONS);
    expect(judged.verdict).toBe(verdict);
    if (verdict === 'undecided') {
      expect(judged.undecidedBecause).toBe('too-sparse');
      expect(judged.detail).toBe('50.1 % of the values occur once: it looks like an id or free text');
    }
  });

  it('of other types cannot be compared', () => {
    const judged = compareColumn(numbers(uniforms(100)), texts({ a: 60, b: 40 }), OPTIONS);
    expect(judged).toMatchObject({
      verdict: 'undecided',
      undecidedBecause: 'types-differ',
      detail: 'DOUBLE and VARCHAR cannot be compared',
    });
  });

  it('have no chi-square where every value is rare', () => {
    const rare = texts(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`v${i}`, 2])));
    expect(compareColumn(rare, rare, { ...OPTIONS, method: 'chi_square' })).toMatchObject({
      verdict: 'undecided',
      detail: 'too few rows in each value: every cell is rare',
    });
  });
});
